package io.lavis4j.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * JPEG to RGB: libjpeg's samples by way of the JDK, then libjpeg's colour conversion in its whole-number arithmetic.
 *
 * <p>Four components are taken as Adobe's inverted ones, as Pillow does. JDKs are built with libjpeg 6b or with some
 * libjpeg-turbo, Pillow and the native image library with a newer one, so in two respects Java may give other pixels or
 * read what the others refuse: libjpeg 6b does not smooth chroma of which there is one row for two of Y and as many
 * columns (4:4:0), and damaged scans of pixels become what the version makes of them. Files that are coded
 * arithmetically or without loss are refused, as most JDKs do.
 */
final class JpegDecoder {

    // contributions of Cb and Cr to red, green and blue; those to green carry 16 more bits
    private static final int SCALE_BITS = 16;
    private static final int HALF = 1 << (SCALE_BITS - 1);
    private static final int[] CR_TO_RED = table(1.402, HALF, SCALE_BITS);
    private static final int[] CB_TO_BLUE = table(1.772, HALF, SCALE_BITS);
    private static final int[] CR_TO_GREEN = table(-0.71414, 0, 0);
    private static final int[] CB_TO_GREEN = table(-0.34414, HALF, 0);

    private JpegDecoder() {}

    /** @throws IOException that says what is wrong with the file */
    static RgbImage decode(byte[] file) throws IOException {
        var segments = new JpegSegments(file);
        var header = segments.header();
        ImageDecoder.requireDecodable(header.width(), header.height());
        var raster = raster(segments.forDecoder(), file.length);
        if (raster.getWidth() != header.width()
                || raster.getHeight() != header.height()
                || raster.getNumBands() != header.components()) {
            throw new IOException("it has more than one header, which disagree");
        }
        byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
        return new RgbImage(header.width(), header.height(), rgb(samples, header));
    }

    /** @param length of the file from which the segments were taken */
    private static Raster raster(byte[] segments, int length) throws IOException {
        try {
            return JdkReaders.read("jpeg", segments, reader -> reader.readRaster(0, null));
        } catch (EOFException e) {
            throw new EOFException("it is cut off after %d bytes".formatted(length));
        }
    }

    private static byte[] rgb(byte[] samples, JpegHeader header) {
        int pixels = header.width() * header.height();
        return switch (header.colours()) {
            case RGB -> samples;
            case YCC -> {
                convertYcc(samples, 3);
                yield samples;
            }
            case GREY -> {
                byte[] rgb = new byte[3 * pixels];
                for (int i = 0; i < pixels; i++) {
                    Arrays.fill(rgb, 3 * i, 3 * i + 3, samples[i]);
                }
                yield rgb;
            }
            case CMYK -> fromInvertedCmyk(samples, pixels);
            case YCCK -> {
                convertYcc(samples, 4);
                for (int i = 0; i < samples.length; i++) {
                    samples[i] = (byte) (i % 4 == 3 ? samples[i] : ~samples[i]);
                }
                yield fromInvertedCmyk(samples, pixels);
            }
        };
    }

    /** Y, Cb, Cr become R, G, B in place. */
    private static void convertYcc(byte[] samples, int stride) {
        for (int i = 0; i < samples.length; i += stride) {
            int y = samples[i] & 0xff;
            int cb = samples[i + 1] & 0xff;
            int cr = samples[i + 2] & 0xff;
            samples[i] = clip(y + CR_TO_RED[cr]);
            samples[i + 1] = clip(y + ((CB_TO_GREEN[cb] + CR_TO_GREEN[cr]) >> SCALE_BITS));
            samples[i + 2] = clip(y + CB_TO_BLUE[cb]);
        }
    }

    static byte[] fromInvertedCmyk(byte[] samples, int pixels) {
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0; i < pixels; i++) {
            int white = samples[4 * i + 3] & 0xff;
            for (int c = 0; c < 3; c++) {
                int product = (255 - (samples[4 * i + c] & 0xff)) * white + 128;
                rgb[3 * i + c] = clip(white - ((product + (product >> 8)) >> 8));
            }
        }
        return rgb;
    }

    private static byte clip(int level) {
        return (byte) (level < 0 ? 0 : Math.min(level, 255));
    }

    /** {@code factor} times each level's distance from 128, in units of 2^-16, plus {@code offset}, shifted right. */
    private static int[] table(double factor, int offset, int shift) {
        int whole = (int) Math.floor(Math.abs(factor) * (1 << SCALE_BITS) + 0.5) * (factor < 0 ? -1 : 1);
        int[] table = new int[256];
        for (int level = 0; level < 256; level++) {
            table[level] = (whole * (level - 128) + offset) >> shift;
        }
        return table;
    }
}
