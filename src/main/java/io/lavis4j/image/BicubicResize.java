package io.lavis4j.image;

import java.util.Arrays;

/**
 * Pillow's bicubic resampling of 8-bit images, bit for bit.
 *
 * <p>Cubic kernel with a = -0.5, widened when shrinking so that it averages; one pass along each axis, each in whole
 * numbers of 2^-22 and rounded to 8 bits. The order of the passes is that of Pillow 13, as observed.
 */
public final class BicubicResize {

    private static final double A = -0.5;
    private static final int PRECISION_BITS = 22;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private BicubicResize() {}

    /**
     * Resizes a part of an image as if it had been cut out first.
     *
     * @param crop inside the image
     * @param width of the whole result, pixels
     * @param height of the whole result, pixels
     * @param window the part of the result that is wanted
     * @return (window height, window width, 3)
     */
    public static byte[] resize(RgbImage image, Box crop, int width, int height, Box window) {
        var columns = Taps.of(crop.width(), width, window.left(), window.width());
        var rows = Taps.of(crop.height(), height, window.top(), window.height());
        var pixels = new Rows(image.pixels(), 3 * (crop.top() * image.width() + crop.left()), 3 * image.width());
        if (crop.height() - height > 2 * Math.max(0, crop.width() - width)) {
            int first = columns.first();
            int length = 3 * (columns.end() - first);
            byte[] low = vertical(pixels.from(0, first), length, rows);
            return horizontal(new Rows(low, -3 * first, length), rows.count(), columns);
        }
        int first = rows.first();
        int length = 3 * columns.count();
        byte[] narrow = horizontal(pixels.from(first, 0), rows.end() - first, columns);
        return vertical(new Rows(narrow, -first * length, length), length, rows);
    }

    /**
     * Rows of pixels inside an array.
     *
     * @param start where pixel (0, 0) is or, if it is not there, would be
     * @param stride bytes from a row to the next
     */
    private record Rows(byte[] bytes, int start, int stride) {

        Rows from(int y, int x) {
            return new Rows(bytes, start + y * stride + 3 * x, stride);
        }
    }

    private static byte[] horizontal(Rows rows, int numRows, Taps taps) {
        byte[] out = new byte[Math.multiplyExact(3 * taps.count(), numRows)];
        byte[] in = rows.bytes();
        int[] weights = taps.weights();
        int to = 0;
        for (int y = 0; y < numRows; y++) {
            int row = rows.start() + y * rows.stride();
            for (int x = 0; x < taps.count(); x++) {
                int k = x * taps.stride();
                int from = row + 3 * taps.starts()[x];
                int end = from + 3 * taps.lengths()[x];
                int r = HALF;
                int g = HALF;
                int b = HALF;
                for (; from < end; from += 3) {
                    int weight = weights[k++];
                    r += (in[from] & 0xff) * weight;
                    g += (in[from + 1] & 0xff) * weight;
                    b += (in[from + 2] & 0xff) * weight;
                }
                out[to++] = clip(r);
                out[to++] = clip(g);
                out[to++] = clip(b);
            }
        }
        return out;
    }

    /** @param length bytes of a row that are wanted, from its start */
    private static byte[] vertical(Rows rows, int length, Taps taps) {
        byte[] out = new byte[Math.multiplyExact(length, taps.count())];
        byte[] in = rows.bytes();
        int[] sums = new int[length];
        for (int y = 0; y < taps.count(); y++) {
            Arrays.fill(sums, HALF);
            int from = rows.start() + taps.starts()[y] * rows.stride();
            for (int k = 0; k < taps.lengths()[y]; k++) {
                int weight = taps.weights()[y * taps.stride() + k];
                for (int x = 0; x < length; x++) {
                    sums[x] += (in[from + x] & 0xff) * weight;
                }
                from += rows.stride();
            }
            int to = y * length;
            for (int x = 0; x < length; x++) {
                out[to + x] = clip(sums[x]);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        int level = sum >> PRECISION_BITS;
        return (byte) (level < 0 ? 0 : Math.min(level, 255));
    }

    /**
     * Which pixels of one axis make each pixel of the result, and with what weights.
     *
     * @param starts the first pixel
     * @param lengths how many pixels
     * @param weights in units of 2^-22; those of result pixel i start at {@code i * stride}
     */
    private record Taps(int[] starts, int[] lengths, int[] weights, int stride) {

        /** For {@code count} of the {@code out} result pixels, from {@code offset} on. */
        static Taps of(int in, int out, int offset, int count) {
            double scale = (double) in / out;
            double widening = Math.max(scale, 1);
            double support = 2 * widening;
            int stride = (int) Math.ceil(support) * 2 + 1;
            int[] starts = new int[count];
            int[] lengths = new int[count];
            int[] weights = new int[Math.multiplyExact(count, stride)];
            double[] exact = new double[stride];
            for (int i = 0; i < count; i++) {
                double centre = (offset + i + 0.5) * scale;
                int start = Math.max((int) (centre - support + 0.5), 0);
                int length = Math.min((int) (centre + support + 0.5), in) - start;
                double sum = 0;
                for (int k = 0; k < length; k++) {
                    exact[k] = kernel((k + start - centre + 0.5) * (1 / widening));
                    sum += exact[k];
                }
                for (int k = 0; k < length; k++) {
                    double weight = sum == 0 ? exact[k] : exact[k] / sum;
                    weights[i * stride + k] = (int) (weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5));
                }
                starts[i] = start;
                lengths[i] = length;
            }
            return new Taps(starts, lengths, weights, stride);
        }

        /** Keys' cubic convolution kernel. */
        private static double kernel(double x) {
            double d = Math.abs(x);
            if (d < 1) {
                return ((A + 2) * d - (A + 3)) * d * d + 1;
            }
            return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
        }

        int count() {
            return starts.length;
        }

        /** The first pixel that any result pixel needs. */
        int first() {
            return starts[0];
        }

        /** Behind the last pixel that any result pixel needs. */
        int end() {
            int last = starts.length - 1;
            return starts[last] + lengths[last];
        }
    }
}
