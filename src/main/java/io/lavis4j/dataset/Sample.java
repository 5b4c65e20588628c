package io.lavis4j.dataset;

import io.lavis4j.image.Regions;
import java.nio.file.Path;

/**
 * The plan of one sample: an image to load, and texts.
 *
 * <p>A text processor that is an {@link io.lavis4j.processor.InstructionProcessor} is asked when the sample is loaded:
 * {@code textInput} becomes the answer to an instruction, or with {@code textOutputs} the question in one.
 *
 * @param image file
 * @param regions drawn into the image
 * @param texts of the sample
 */
public record Sample(Path image, Regions regions, SampleTexts texts) {

    /** A sample of a whole image. */
    public Sample(Path image, SampleTexts texts) {
        this(image, Regions.NONE, texts);
    }
}
