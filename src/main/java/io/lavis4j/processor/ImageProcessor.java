package io.lavis4j.processor;

import io.lavis4j.image.RgbImage;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/** One of LAVIS's image processors, with its arguments. */
public interface ImageProcessor {

    /** Side of the square that it makes, S, in pixels. */
    int imageSize();

    /** Whether it draws, and so gives another result each time; evaluation processors do not. */
    default boolean isRandom() {
        return true;
    }

    /**
     * All that its result depends on besides the image and its draws, its arguments for instance: results of processors
     * with one identity are the same. {@code null}, the default, where that is not said; nothing made of its results is
     * kept then.
     */
    default @Nullable String identity() {
        return null;
    }

    /** Whether an image gives the same result each time, and what that depends on is said. */
    default boolean isRepeatable() {
        return !isRandom() && identity() != null;
    }

    /**
     * Crops, resizes, flips and normalises.
     *
     * @param random where what is random comes from; untouched by evaluation processors
     * @param out receives (3, S, S) float32, normalised, from its position on
     */
    void process(RgbImage image, SampleRandom random, FloatBuffer out);
}
