package io.lavis4j.quickstart;

import io.lavis4j.image.Box;
import java.nio.file.Path;
import java.util.List;

/**
 * A record of the validation split and what the model says of it.
 *
 * @param instanceId of the record
 * @param image file
 * @param width of the image, in pixels
 * @param height of the image, in pixels
 * @param regions in pixels of the image
 * @param clue the thing that the annotator pointed at; the model does not see it
 * @param truth the record's inference
 * @param generated the model's
 */
public record Answer(
        String instanceId,
        Path image,
        int width,
        int height,
        List<Box> regions,
        String clue,
        String truth,
        String generated) {

    public Answer {
        regions = List.copyOf(regions);
    }

    /** Whether the two are the same word for word. */
    public boolean isRight() {
        return generated.equals(truth);
    }
}
