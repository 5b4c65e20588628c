package io.lavis4j.caption;

import io.lavis4j.image.Box;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image to caption, which nobody has looked at yet.
 *
 * @param name of its rows: the path as it was given, or the name of the entry of a tar file
 * @param content its bytes
 * @param prompts of its own; empty for those of the job
 * @param boxes of its own, in pixels; {@code null} for those of the job
 */
record SourceImage(
        String name,
        ImageContent content,
        List<String> prompts,
        @Nullable List<Box> boxes) {

    SourceImage {
        prompts = List.copyOf(prompts);
        boxes = boxes == null ? null : List.copyOf(boxes);
    }

    /** One of which only the place is known. */
    SourceImage(String name, ImageContent content) {
        this(name, content, List.of(), null);
    }
}
