package io.lavis4j.processor;

import io.lavis4j.image.RgbImage;
import java.nio.FloatBuffer;

/** One of LAVIS's image processors, with its arguments. */
public interface ImageProcessor {

    /** Side of the square that it makes, S, in pixels. */
    int imageSize();

    /**
     * Crops, resizes, flips and normalises.
     *
     * @param random where what is random comes from; untouched by evaluation processors
     * @param out receives (3, S, S) float32, normalised, from its position on
     */
    void process(RgbImage image, SampleRandom random, FloatBuffer out);
}
