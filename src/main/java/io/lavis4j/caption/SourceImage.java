package io.lavis4j.caption;

import io.lavis4j.image.Box;
import java.util.List;

/**
 * An image to caption, which nobody has looked at yet.
 *
 * @param name of its rows: the path as it was given, or the name of the entry of a tar file
 * @param content its bytes
 * @param prompts of its own; empty for those of the job
 * @param boxes of its own, in pixels; empty for those of the job
 */
record SourceImage(String name, ImageContent content, List<String> prompts, List<Box> boxes) {

    SourceImage {
        prompts = List.copyOf(prompts);
        boxes = List.copyOf(boxes);
    }

    /** One of which only the place is known. */
    SourceImage(String name, ImageContent content) {
        this(name, content, List.of(), List.of());
    }
}
