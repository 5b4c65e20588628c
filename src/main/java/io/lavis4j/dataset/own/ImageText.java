package io.lavis4j.dataset.own;

import io.lavis4j.image.Box;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image and what is said of it.
 *
 * @param id its name; {@code null} for that of the image
 * @param image file
 * @param path of the image below its root, with {@code /}
 * @param boxes the region that is meant, pixels of the file; empty for the whole image
 * @param question {@code null} for captions
 * @param texts captions, or the answers to the question; at least one
 */
record ImageText(
        @Nullable String id,
        Path image,
        String path,
        List<Box> boxes,
        @Nullable String question,
        List<String> texts) {

    ImageText {
        boxes = List.copyOf(boxes);
        texts = List.copyOf(texts);
    }

    /** What makes two of them the same sample: all but the texts. */
    record Subject(String path, List<Box> boxes, @Nullable String question) {

        /** For messages: {@code a.jpg, question "what?"}. */
        @Override
        public String toString() {
            return path
                    + (question == null ? "" : ", question \"" + question + "\"")
                    + (boxes.isEmpty() ? "" : ", region " + boxes);
        }
    }

    Subject subject() {
        return new Subject(path, boxes, question);
    }

    /** The same with another id. */
    ImageText withId(String other) {
        return new ImageText(other, image, path, boxes, question, texts);
    }

    /** The same with other texts. */
    ImageText withTexts(List<String> other) {
        return new ImageText(id, image, path, boxes, question, other);
    }

    /** The same with more texts. */
    ImageText and(List<String> more) {
        var all = new ArrayList<>(texts);
        all.addAll(more);
        return withTexts(all);
    }
}
