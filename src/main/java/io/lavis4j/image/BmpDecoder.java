package io.lavis4j.image;

import java.io.IOException;
import java.util.Set;

/**
 * BMP to RGB: Windows' headers of 40 to 124 bytes and those of OS/2, with palettes, plain or in runs, and with 16, 24
 * or 32 bits a pixel. Alpha is dropped.
 *
 * <p>Where Pillow reads something else than the format says, the format counts: palettes of black and white with 4 or 8
 * bits are looked up as all others, and masks are taken as they are, also those that Pillow refuses.
 */
final class BmpDecoder {

    private static final int HEADER = 14;
    private static final int PIXELS_AT = 10;
    private static final int CORE_HEADER = 12;
    private static final int INFO_HEADER = 40;
    private static final Set<Long> HEADERS = Set.of(12L, 40L, 52L, 56L, 64L, 108L, 124L);

    private static final int RAW = 0;
    private static final int RUNS_8 = 1;
    private static final int RUNS_4 = 2;
    private static final int MASKED = 3;

    private static final long TOP_DOWN = 0xff000000L; // heights that are negative
    private static final long[] FIVE_BITS = {0x7c00, 0x3e0, 0x1f};
    private static final long[] EIGHT_BITS = {0xff0000, 0xff00, 0xff};

    private final FileBytes file;
    private final long headerSize;
    private final int width;
    private final int height;
    private final boolean topDown;
    private final int bits;
    private final long compression;

    private BmpDecoder(byte[] content) throws IOException {
        file = FileBytes.littleEndian(content);
        headerSize = file.uint32(HEADER);
        if (!HEADERS.contains(headerSize)) {
            throw new UnreadKindException("a BMP image with a header of %d bytes".formatted(headerSize));
        }
        boolean core = headerSize == CORE_HEADER;
        long columns = core ? file.uint16(HEADER + 4) : file.uint32(HEADER + 4);
        long rows = core ? file.uint16(HEADER + 6) : file.uint32(HEADER + 8);
        topDown = rows >= TOP_DOWN;
        rows = topDown ? (1L << Integer.SIZE) - rows : rows;
        ImageDecoder.requireDecodable(columns, rows);
        width = (int) columns;
        height = (int) rows;
        bits = file.uint16(HEADER + (core ? 10 : 14));
        compression = core ? RAW : file.uint32(HEADER + 16);
    }

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        return new BmpDecoder(file).decode();
    }

    private RgbImage decode() throws IOException {
        boolean indexed = bits == 1 || bits == 4 || bits == 8;
        boolean runs = compression == RUNS_8 || compression == RUNS_4;
        boolean direct = bits == 16 || bits == 24 || bits == 32;
        if (indexed && (compression == RAW || runs)) {
            return indexed(runs);
        }
        if (direct && (compression == RAW || compression == MASKED)) {
            return direct();
        }
        throw new UnreadKindException("a BMP image of %d bits a pixel in compression %d".formatted(bits, compression));
    }

    private RgbImage indexed(boolean runs) throws IOException {
        int entry = headerSize == CORE_HEADER ? 3 : 4;
        long used = headerSize == CORE_HEADER ? 0 : file.uint32(HEADER + 32);
        long colours = used == 0 ? 1L << bits : used;
        if (colours > Palette.COLOURS) {
            throw new IOException("its palette has %d colours, expected at most 256".formatted(colours));
        }
        long at = HEADER + headerSize;
        var palette = new Palette();
        for (int i = 0; i < colours && at + entry <= file.length(); i++, at += entry) {
            palette.set(i, file.uint8(at + 2), file.uint8(at + 1), file.uint8(at));
        }
        if (colours > 2 && palette.isGrey((int) colours)) {
            palette = Palette.grey();
        }
        long pixels = file.uint32(PIXELS_AT);
        long from = pixels == 0 || pixels == HEADER + headerSize ? at : pixels;
        byte[] indices =
                runs ? new BmpRuns(file, width, width * height, compression == RUNS_4).indices(from) : packed(from);
        return new RgbImage(width, height, palette.rgb(topDown ? indices : upsideDown(indices)));
    }

    /** Indices that fill bytes from their highest bit on. */
    private byte[] packed(long from) throws IOException {
        byte[] indices = new byte[width * height];
        for (int y = 0, to = 0; y < height; y++) {
            byte[] row = row(from, y);
            for (int x = 0; x < width; x++, to++) {
                int bit = x * bits;
                indices[to] = (byte) (((row[bit / 8] & 0xff) >> (8 - bits - bit % 8)) & ((1 << bits) - 1));
            }
        }
        return indices;
    }

    private byte[] upsideDown(byte[] indices) {
        byte[] turned = new byte[indices.length];
        for (int y = 0; y < height; y++) {
            System.arraycopy(indices, y * width, turned, (height - 1 - y) * width, width);
        }
        return turned;
    }

    /** A row without what fills it up to a multiple of 4 bytes; the last one may lack that. */
    private byte[] row(long from, int y) throws IOException {
        long bytes = ((long) width * bits + 7) / 8;
        return file.range(from + y * ((bytes + 3) / 4 * 4), bytes);
    }

    private RgbImage direct() throws IOException {
        long at = HEADER + headerSize;
        long[] masks = bits == 16 ? FIVE_BITS : EIGHT_BITS;
        if (compression == MASKED) {
            long masksAt = HEADER + INFO_HEADER; // in the header, or after one that is too short
            masks = new long[] {file.uint32(masksAt), file.uint32(masksAt + 4), file.uint32(masksAt + 8)};
            at = Math.max(at, masksAt + 12);
        }
        var channels = new Channel[3];
        boolean none = masks[0] == 0 && masks[1] == 0 && masks[2] == 0;
        for (int c = 0; c < 3; c++) {
            channels[c] = Channel.of(none ? EIGHT_BITS[c] : masks[c]);
        }
        long pixels = file.uint32(PIXELS_AT);
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            var row = FileBytes.littleEndian(row(pixels == 0 ? at : pixels, y));
            int to = 3 * width * (topDown ? y : height - 1 - y);
            for (int x = 0; x < width; x++) {
                long pixel = row.number((long) x * bits / 8, bits / 8);
                for (var channel : channels) {
                    rgb[to++] = channel.level(pixel);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /**
     * Bits of a pixel.
     *
     * @param largest value of the bits
     */
    private record Channel(int shift, int largest) {

        static Channel of(long mask) throws IOException {
            int shift = Long.numberOfTrailingZeros(mask);
            long largest = mask == 0 ? 0 : mask >> shift;
            if (largest == 0 || largest > 255 || (largest & (largest + 1)) != 0) {
                throw new UnreadKindException("a BMP image with the colour mask %08x".formatted(mask));
            }
            return new Channel(shift, (int) largest);
        }

        byte level(long pixel) {
            return (byte) (((pixel >> shift) & largest) * 255 / largest);
        }
    }
}
