package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * From a picture's file to a place in a batch, in one call: decode, draw regions, process. Safe for several threads.
 *
 * <p>The numbers are those of single precision, rounded where the place is of another.
 */
public interface PicturePipeline {

    /**
     * Reads one picture.
     *
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is missing or no picture
     */
    void load(Path file, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out);

    /**
     * Reads one picture from the content of its file.
     *
     * @param name of the file, for messages
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if it is no picture
     */
    void load(byte[] content, String name, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out);

    /**
     * Reads one picture in single precision.
     *
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is missing or no picture
     */
    default void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out) {
        load(file, regions, processor, draws, PixelBuffer.of(out));
    }
}
