package io.lavis4j.processor;

import java.nio.FloatBuffer;
import java.nio.file.Path;

/** From a picture file to a place in a batch, in one call: decode, draw regions, process. Safe for several threads. */
public interface PicturePipeline {

    /**
     * Reads one picture.
     *
     * @param out receives (3, S, S) float32 from its position on
     * @throws BrokenImageException if the file is missing or no picture
     */
    void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out);
}
