package io.lavis4j.processor;

import io.lavis4j.tensor.Precision;
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

    /**
     * Reads one picture into memory of any precision: the numbers of single precision, rounded.
     *
     * @param out receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is missing or no picture
     */
    default void load(Path file, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out) {
        if (out.memory() instanceof FloatBuffer floats && out.precision() == Precision.FP32) {
            load(file, regions, processor, draws, floats);
            return;
        }
        out.requireRoom(processor.imageSize());
        var numbers = FloatBuffer.allocate(3 * processor.imageSize() * processor.imageSize());
        load(file, regions, processor, draws, numbers);
        out.put(numbers.array());
    }
}
