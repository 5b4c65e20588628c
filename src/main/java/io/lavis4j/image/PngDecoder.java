package io.lavis4j.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** PNG to RGB by way of the JDK's samples: palettes are looked up, alpha is dropped. */
final class PngDecoder {

    private static final int SIGNATURE = 8;
    private static final int CHUNK_OVERHEAD = 12; // length, type and checksum

    // offsets into the header chunk, which is the first
    private static final int WIDTH = 16;
    private static final int HEIGHT = 20;
    private static final int DEPTH = 24;
    private static final int COLOUR_TYPE = 25;
    private static final int INTERLACE = 28;
    private static final int HEADER_END = 33;

    private static final byte GREY = 0;

    private PngDecoder() {}

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        if (file.length < HEADER_END) {
            throw new IOException("it is cut off after %d bytes".formatted(file.length));
        }
        ImageDecoder.requireDecodable(word(file, WIDTH), word(file, HEIGHT));
        checkChunks(file);
        boolean clips = file[COLOUR_TYPE] == GREY;
        return rgb(JdkReaders.read("png", whole(file), reader -> reader.read(0)), clips);
    }

    /** @param clips whether 16-bit samples are cut off at 255, as Pillow does with grey; else their high bytes count */
    private static RgbImage rgb(BufferedImage image, boolean clips) {
        int width = image.getWidth();
        var raster = image.getRaster();
        int bands = raster.getNumBands();
        boolean wide = raster.getDataBuffer().getDataType() == DataBuffer.TYPE_USHORT;
        var palette = image.getColorModel() instanceof IndexColorModel model ? model : null;
        byte[] rgb = new byte[3 * width * image.getHeight()];
        int[] row = new int[width * bands];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int from = 0; from < row.length; from += bands, to += 3) {
                if (palette != null) {
                    rgb[to] = (byte) palette.getRed(row[from]);
                    rgb[to + 1] = (byte) palette.getGreen(row[from]);
                    rgb[to + 2] = (byte) palette.getBlue(row[from]);
                    continue;
                }
                for (int c = 0; c < 3; c++) {
                    int sample = row[bands < 3 ? from : from + c];
                    rgb[to + c] = (byte) (!wide ? sample : clips ? Math.min(sample, 255) : sample >> 8);
                }
            }
        }
        return new RgbImage(width, image.getHeight(), rgb);
    }

    /** The checksums of what the pixels depend on, up to the pixels, which have their own; the JDK checks none. */
    private static void checkChunks(byte[] file) throws IOException {
        var crc = new CRC32();
        long start = SIGNATURE;
        while (start + CHUNK_OVERHEAD <= file.length) {
            int at = (int) start;
            long end = start + CHUNK_OVERHEAD + word(file, at);
            String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (type.equals("IDAT") || end > file.length) {
                return;
            }
            boolean critical = (file[at + 4] & 0x20) == 0;
            crc.reset();
            crc.update(file, at + 4, (int) (end - start) - 8);
            if (critical && crc.getValue() != word(file, (int) end - 4)) {
                throw new IOException("its chunk %s at byte %d has a wrong checksum".formatted(type, at));
            }
            start = end;
        }
    }

    /**
     * A file whose chunks are all there, which the JDK may ask for: of one that is cut off after its last row, what is
     * left of the pixels as one chunk, and an end.
     */
    private static byte[] whole(byte[] file) throws IOException {
        var pixels = new ByteArrayOutputStream();
        long start = SIGNATURE;
        int firstPixels = file.length;
        while (start + 8 <= file.length) {
            int at = (int) start;
            long end = start + CHUNK_OVERHEAD + word(file, at);
            String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (type.equals("IEND") && end <= file.length) {
                return file;
            }
            if (type.equals("IDAT")) {
                firstPixels = Math.min(firstPixels, at);
                pixels.write(file, at + 8, (int) Math.min(end - 4, file.length) - at - 8);
            }
            start = end;
        }
        requireRows(file, pixels);
        var whole = ByteBuffer.allocate(firstPixels + CHUNK_OVERHEAD + pixels.size() + CHUNK_OVERHEAD);
        whole.put(file, 0, firstPixels).putInt(pixels.size()).put(chunkName("IDAT"));
        whole.put(pixels.toByteArray()).putInt(0); // the JDK looks at no checksum
        return whole.putInt(0).put(chunkName("IEND")).putInt(0).array();
    }

    private static byte[] chunkName(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void requireRows(byte[] file, ByteArrayOutputStream pixels) throws IOException {
        int samples = switch (file[COLOUR_TYPE]) {
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> 1;
        };
        var rows = new PngRows(
                (int) word(file, WIDTH), (int) word(file, HEIGHT), samples * file[DEPTH], file[INTERLACE] != 0);
        if (!rows.areIn(pixels)) {
            throw new EOFException("it is cut off after %d bytes".formatted(file.length));
        }
    }

    private static long word(byte[] file, int at) {
        return (file[at] & 0xffL) << 24
                | (file[at + 1] & 0xff) << 16
                | (file[at + 2] & 0xff) << 8
                | (file[at + 3] & 0xff);
    }
}
