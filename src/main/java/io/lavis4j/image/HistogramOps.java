package io.lavis4j.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Operations of RandAugment that look each channel's levels up in a table made from their frequencies. */
public final class HistogramOps {

    private HistogramOps() {}

    private interface Table {

        /** The new value of every level, {@code null} where none changes. */
        byte @Nullable [] of(int[] frequencies);
    }

    /**
     * Stretches each channel to [0, 255], rounding down; a channel of one level stays. So does Pillow's
     * {@code ImageOps.autocontrast}; LAVIS means to, but computes the offset in unsigned bytes, in which a channel
     * whose darkest level is above 0 turns white.
     */
    public static byte[] autoContrast(byte[] pixels) {
        return mapped(pixels, frequencies -> {
            int low = 0;
            int high = 255;
            while (frequencies[low] == 0) {
                low++;
            }
            while (frequencies[high] == 0) {
                high--;
            }
            if (high <= low) {
                return null;
            }
            double scale = 255.0 / (high - low);
            double offset = -low * scale;
            byte[] table = new byte[256];
            for (int level = 0; level < 256; level++) {
                table[level] = (byte) Math.max(0, Math.min(level * scale + offset, 255));
            }
            return table;
        });
    }

    /** Makes each channel's levels equally frequent, in whole numbers. */
    public static byte[] equalize(byte[] pixels) {
        return mapped(pixels, frequencies -> {
            int last = 255;
            while (frequencies[last] == 0) {
                last--;
            }
            int step = (Arrays.stream(frequencies).sum() - frequencies[last]) / 255;
            if (step == 0) {
                return null;
            }
            byte[] table = new byte[256];
            int sum = step / 2;
            for (int level = 0; level < 256; level++) {
                table[level] = (byte) Math.min(sum / step, 255);
                sum += frequencies[level];
            }
            return table;
        });
    }

    private static byte[] mapped(byte[] pixels, Table tables) {
        byte[] mapped = pixels.clone();
        for (int c = 0; c < 3; c++) {
            int[] frequencies = new int[256];
            for (int i = c; i < pixels.length; i += 3) {
                frequencies[pixels[i] & 0xff]++;
            }
            byte[] table = tables.of(frequencies);
            for (int i = c; table != null && i < pixels.length; i += 3) {
                mapped[i] = table[pixels[i] & 0xff];
            }
        }
        return mapped;
    }
}
