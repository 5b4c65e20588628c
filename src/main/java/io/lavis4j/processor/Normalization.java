package io.lavis4j.processor;

import io.lavis4j.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * From 8-bit levels to what a vision encoder expects: (level / 255 - mean) / std in single precision.
 *
 * @param mean of red, green and blue, in [0, 1]
 * @param std standard deviations of red, green and blue, above 0
 */
public record Normalization(List<Double> mean, List<Double> std) {

    /** Those of CLIP's training data, which LAVIS's processors use unless told otherwise. */
    public static final Normalization CLIP =
            new Normalization(List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

    public Normalization {
        if (mean.size() != 3 || std.size() != 3 || std.stream().anyMatch(s -> !(s > 0))) {
            throw new IllegalArgumentException(
                    "mean and std must be three numbers each, std above 0, got %s and %s".formatted(mean, std));
        }
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** The result for every level of every channel, (3, 256). */
    float[] table() {
        float[] table = new float[3 * 256];
        for (int c = 0; c < 3; c++) {
            float m = mean.get(c).floatValue();
            float s = std.get(c).floatValue();
            for (int level = 0; level < 256; level++) {
                table[256 * c + level] = (level / 255f - m) / s;
            }
        }
        return table;
    }

    /**
     * Looks every pixel up.
     *
     * @param table of {@link #table()}
     * @param out receives (3, height, width) from its position on
     */
    static void apply(RgbImage image, float[] table, FloatBuffer out) {
        byte[] pixels = image.pixels();
        int area = image.width() * image.height();
        float[] plane = new float[area];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < area; i++) {
                plane[i] = table[256 * c + (pixels[3 * i + c] & 0xff)];
            }
            out.put(plane);
        }
    }
}
