package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * PNG to RGB.
 *
 * <p>Palettes are looked up, alpha is dropped, and of 16-bit samples the high byte counts, except that grey ones are
 * cut off at 255, as Pillow does. Pixels without data are zero before they are looked up, and those of no entry of
 * their palette are black.
 */
final class PngDecoder {

    // colour types
    static final int GREY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GREY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    /**
     * Bytes that one byte of a compressed stream can stand for. A file that would need more lacks data, which is found
     * out before there is memory for its pixels.
     */
    private static final int MAX_INFLATION = 1032;

    /** First column and row, and the steps to the next, of each pass over an interlaced image. */
    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private static final int[][] ONE_PASS = {{0, 0, 1, 1}};

    private final byte[] file;
    private final PngChunks chunks;
    private final int bits; // of a pixel
    private final byte[] palette = new byte[3 * 256];
    private final int width;
    private final byte[] rgb;

    private PngDecoder(byte[] file) throws IOException {
        this.file = file;
        chunks = new PngChunks(file);
        ImageDecoder.requireDecodable(chunks.width(), chunks.height());
        bits = chunks.depth() * channels(chunks.colourType());
        if ((long) bytesOf(chunks.frame().width()) * chunks.frame().height() / MAX_INFLATION > file.length) {
            throw new EOFException("it is cut off after %d bytes".formatted(file.length));
        }
        if (chunks.colourType() == PALETTE) {
            System.arraycopy(chunks.palette(), 0, palette, 0, chunks.palette().length / 3 * 3);
        }
        width = (int) chunks.width();
        rgb = new byte[3 * width * (int) chunks.height()];
    }

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        var decoder = new PngDecoder(file);
        decoder.read();
        return new RgbImage(decoder.width, (int) decoder.chunks.height(), decoder.rgb);
    }

    /** Whether pixels of this colour type may have samples of so many bits. */
    static boolean isKind(int depth, int colourType) {
        boolean bytes = depth == 8 || depth == 16;
        boolean parts = depth == 1 || depth == 2 || depth == 4;
        return switch (colourType) {
            case GREY -> bytes || parts;
            case PALETTE -> depth == 8 || parts;
            case RGB, GREY_ALPHA, RGB_ALPHA -> bytes;
            default -> false;
        };
    }

    private static int channels(int colourType) {
        return switch (colourType) {
            case RGB -> 3;
            case GREY_ALPHA -> 2;
            case RGB_ALPHA -> 4;
            default -> 1;
        };
    }

    private int bytesOf(int columns) {
        return (int) (((long) columns * bits + 7) / 8);
    }

    private void read() throws IOException {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = palette[i % 3];
        }
        try (var rows = new PngRows(file, chunks, bytesOf(chunks.frame().width()), bits)) {
            for (int[] pass : chunks.interlaced() ? ADAM7 : ONE_PASS) {
                readPass(rows, pass);
            }
        }
        chunks.finish();
    }

    private void readPass(PngRows rows, int[] pass) throws IOException {
        var frame = chunks.frame();
        // Pillow does not move an interlaced frame to its place
        int left = pass[0] + (chunks.interlaced() ? 0 : frame.left());
        int top = chunks.interlaced() ? 0 : frame.top();
        int columns = count(frame.width(), pass[0], pass[2]);
        rows.beginPass();
        for (int y = pass[1]; columns > 0 && y < frame.height(); y += pass[3]) {
            byte[] row = rows.next(bytesOf(columns));
            if (row == null) {
                return;
            }
            convert(row, columns, 3 * ((top + y) * width + left), 3 * pass[2]);
        }
    }

    /**
     * Converts the pixels of a row, whose samples begin at 1.
     *
     * @param to place of the first one
     * @param step from one to the next
     */
    private void convert(byte[] row, int columns, int to, int step) {
        int colourType = chunks.colourType();
        int depth = chunks.depth();
        if (depth < 8 || colourType == PALETTE) {
            int scale = 255 / ((1 << depth) - 1);
            for (int x = 0; x < columns; x++, to += step) {
                int level = part(row, x);
                for (int c = 0; c < 3; c++) {
                    rgb[to + c] = colourType == PALETTE ? palette[3 * level + c] : (byte) (level * scale);
                }
            }
            return;
        }
        if (colourType == GREY && depth == 16) {
            for (int x = 0; x < columns; x++, to += step) {
                byte level = row[1 + 2 * x] == 0 ? row[2 + 2 * x] : (byte) 255;
                Arrays.fill(rgb, to, to + 3, level);
            }
            return;
        }
        int sample = depth / 8;
        int channel = (colourType & RGB) == 0 ? 0 : sample;
        int pixel = bits / 8;
        for (int x = 0, from = 1; x < columns; x++, from += pixel, to += step) {
            rgb[to] = row[from];
            rgb[to + 1] = row[from + channel];
            rgb[to + 2] = row[from + 2 * channel];
        }
    }

    /** A pixel of one sample; several may be in a byte, the first in the highest bits. */
    private int part(byte[] row, int x) {
        int bit = x * bits;
        return ((row[1 + bit / 8] & 0xff) >> (8 - bits - bit % 8)) & ((1 << bits) - 1);
    }

    private static int count(int size, int first, int step) {
        return size <= first ? 0 : (size - first + step - 1) / step;
    }
}
