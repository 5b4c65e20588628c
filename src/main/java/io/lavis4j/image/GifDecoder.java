package io.lavis4j.image;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first frame of a GIF file (GIF89a specification), on its logical screen.
 *
 * <p>As in Pillow: a frame that reaches over the screen enlarges it; around a smaller one the screen has the frame's
 * transparent colour, or its first; transparent pixels have the colour that the palette gives them; a palette in which
 * each colour is the grey of its index is none, so that a local one of this kind leaves the global one in force.
 */
final class GifDecoder {

    private static final int SCREEN_WIDTH = 6;
    private static final int SCREEN_HEIGHT = 8;
    private static final int SCREEN_FLAGS = 10;
    private static final int SCREEN_END = 13;

    private static final int HAS_PALETTE = 0x80;
    private static final int INTERLACED = 0x40;
    private static final int PALETTE_SIZE = 7;

    private static final int GRAPHIC_CONTROL = 0xf9;
    private static final int HAS_TRANSPARENCY = 1;
    private static final int FRAME_HEADER = 9;

    /** First row and the step to the next of each pass over an interlaced frame. */
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    private static final int[][] ONE_PASS = {{0, 1}};

    private final FileBytes file;
    private @Nullable Palette palette;
    private int background;

    private GifDecoder(byte[] file) {
        this.file = FileBytes.littleEndian(file);
    }

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        return new GifDecoder(file).decode();
    }

    private RgbImage decode() throws IOException {
        int flags = file.uint8(SCREEN_FLAGS);
        int at = SCREEN_END + readPalette(SCREEN_END, flags);
        while (true) {
            int block = file.uint8(at++);
            if (block == ',') {
                return frame(at);
            }
            if (block == ';') {
                throw new IOException("it ends before its first frame");
            }
            if (block == '!') {
                at = extension(at);
            }
        }
    }

    /**
     * Reads a palette if the flags say that there is one.
     *
     * @return its size in bytes
     */
    private int readPalette(int at, int flags) throws IOException {
        if ((flags & HAS_PALETTE) == 0) {
            return 0;
        }
        int colours = 2 << (flags & PALETTE_SIZE);
        var read = new Palette();
        System.arraycopy(file.range(at, 3L * colours), 0, read.levels(), 0, 3 * colours);
        palette = read.isGrey(colours) ? palette : read;
        return 3 * colours;
    }

    /** @return where the next block begins */
    private int extension(int at) throws IOException {
        int from = at + 1, size = file.uint8(from);
        if (file.uint8(at) == GRAPHIC_CONTROL && size >= 4 && (file.uint8(from + 1) & HAS_TRANSPARENCY) != 0) {
            background = file.uint8(from + 4);
        }
        while (size > 0) {
            from += 1 + size;
            size = file.uint8(from);
        }
        return from + 1;
    }

    private RgbImage frame(int at) throws IOException {
        int left = file.uint16(at), top = file.uint16(at + 2);
        int frameWidth = file.uint16(at + 4), frameHeight = file.uint16(at + 6);
        int flags = file.uint8(at + 8);
        int width = Math.max(left + frameWidth, file.uint16(SCREEN_WIDTH));
        int height = Math.max(top + frameHeight, file.uint16(SCREEN_HEIGHT));
        ImageDecoder.requireDecodable(width, height);
        if (frameWidth == 0 || frameHeight == 0) {
            throw new IOException("its first frame has %d x %d pixels".formatted(frameWidth, frameHeight));
        }
        int data = at + FRAME_HEADER + readPalette(at + FRAME_HEADER, flags);
        byte[] pixels = new GifCodes(file, data).indices(frameWidth * frameHeight);

        byte[] screen = new byte[width * height];
        Arrays.fill(screen, (byte) background);
        int from = 0;
        for (int[] pass : (flags & INTERLACED) != 0 ? PASSES : ONE_PASS) {
            for (int y = pass[0]; y < frameHeight; y += pass[1], from += frameWidth) {
                System.arraycopy(pixels, from, screen, (top + y) * width + left, frameWidth);
            }
        }
        return new RgbImage(width, height, (palette == null ? Palette.grey() : palette).rgb(screen));
    }
}
