package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * From an image's file to a place in a batch, in one call: decode, draw regions, process. Safe for several threads.
 *
 * <p>The numbers are those of single precision, rounded where the place is of another.
 */
public interface ImagePipeline {

    /**
     * Reads one image.
     *
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is missing or not an image
     */
    void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer out);

    /**
     * Reads one image from the content of its file.
     *
     * @param name of the file, for messages
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if it is not an image
     */
    void load(
            byte[] content,
            String name,
            Regions regions,
            ImageProcessor processor,
            SampleRandom random,
            PixelBuffer out);

    /**
     * Reads one image in single precision.
     *
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is missing or not an image
     */
    default void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, FloatBuffer out) {
        load(file, regions, processor, random, PixelBuffer.of(out));
    }
}
