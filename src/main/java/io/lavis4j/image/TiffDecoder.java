package io.lavis4j.image;

import java.awt.image.Raster;
import java.io.IOException;

/**
 * The first page of a TIFF or BigTIFF file to RGB, turned as its orientation says.
 *
 * <p>As in Pillow: grey samples of more than 8 bits are cut off at 0 and 255, and not inverted; of colours of 16 bits
 * the high bytes count; alpha is dropped after colours that are multiplied with it have been divided. Refused by name
 * are CIE L*a*b*, grey with such alpha, subsampled YCbCr but in JPEG, compressions besides LZW, Deflate, PackBits, JPEG
 * and CCITT's, and of the last those that the JDK cannot decode, as Group 3 with lines that end at whole bytes. Where
 * Pillow takes bytes for those of another order or width than the file says (real and signed numbers that are
 * compressed, highest byte first; planes of 16 bits that are not compressed), the file counts.
 */
final class TiffDecoder {

    private final FileBytes file;
    private final TiffTags tags;
    private final TiffLayout layout;

    private TiffDecoder(byte[] content) throws IOException {
        tags = TiffTags.read(content);
        file = tags.file();
        layout = TiffLayout.of(tags);
    }

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        return new TiffDecoder(file).decode();
    }

    private RgbImage decode() throws IOException {
        byte[] levels = layout.isFax() ? bilevel() : levels();
        var stored = new RgbImage(layout.width(), layout.height(), new TiffColours(tags, layout).rgb(levels));
        return TiffColours.turned(stored, (int) tags.one(TiffTags.ORIENTATION, 1));
    }

    /** The codes of fax are left to the JDK, which makes white 1 whatever the file says. */
    private byte[] bilevel() throws IOException {
        Raster raster;
        try {
            raster = JdkReaders.read("tiff", file.content(), reader -> {
                reader.addIIOReadWarningListener((source, warning) -> {
                    throw new IllegalStateException(warning);
                });
                return reader.read(0).getRaster();
            });
        } catch (IOException | RuntimeException e) {
            throw new UnreadKindException("a TIFF image with CCITT codes that are damaged or of an unread kind (%s)"
                    .formatted(e.getMessage()));
        }
        int[] bits = raster.getPixels(0, 0, layout.width(), layout.height(), (int[]) null);
        byte[] levels = new byte[bits.length];
        for (int i = 0; i < bits.length; i++) {
            levels[i] = (byte) bits[i];
        }
        return levels;
    }

    /** The channels that count, 8 bits each, (height, width, channels). */
    private byte[] levels() throws IOException {
        int C = layout.channels();
        byte[] levels = new byte[C * layout.width() * layout.height()];
        var blocks = new TiffBlocks(tags, layout);
        int planes = layout.inPlanes() ? C : 1;
        for (int plane = 0; plane < planes; plane++) {
            for (int block = 0; block < layout.blocks(); block++) {
                int rows = layout.rowsOf(block);
                byte[] samples = blocks.read(plane * layout.blocks() + block, rows);
                int left = block % layout.blocksAcross() * layout.blockWidth();
                int top = block / layout.blocksAcross() * layout.blockHeight();
                int width = Math.min(layout.blockWidth(), layout.width() - left);
                for (int y = 0; y < rows && top + y < layout.height(); y++) {
                    int to = C * ((top + y) * layout.width() + left);
                    copyRow(samples, y * layout.rowBytes(), width, levels, to + plane);
                }
            }
        }
        return levels;
    }

    private void copyRow(byte[] samples, int from, int width, byte[] levels, int to) throws IOException {
        var row = new FileBytes(samples, file.order());
        int S = layout.samplesInBlock(), C = layout.channels();
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < (layout.inPlanes() ? 1 : C); c++) {
                levels[to + C * x + c] = level(row, from, S * x + c);
            }
        }
    }

    private byte level(FileBytes row, int from, int sample) throws IOException {
        int bits = layout.bits();
        boolean high = layout.channels() > 1; // of colours
        if (bits == 8) {
            return row.content()[from + sample];
        }
        if (bits == 16 && layout.format() == TiffLayout.UNSIGNED) {
            int value = row.uint16(from + 2L * sample);
            return (byte) (high ? value >> 8 : Math.min(value, 255));
        }
        if (bits == 16) {
            return clip((short) row.uint16(from + 2L * sample));
        }
        if (bits == 32) {
            int value = (int) row.uint32(from + 4L * sample);
            return clip(layout.format() == TiffLayout.REAL ? (int) Float.intBitsToFloat(value) : value);
        }
        int bit = sample * bits, window = 0;
        for (int i = 0; i < 3; i++) {
            int at = from + bit / 8 + i;
            window = window << 8 | (at < row.length() ? row.uint8(at) : 0);
        }
        return clip((window >> (24 - bits - bit % 8)) & ((1 << bits) - 1));
    }

    private static byte clip(int level) {
        return (byte) Math.max(0, Math.min(level, 255));
    }
}
