package io.lavis4j.caption;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of an image and a prompt.
 *
 * @param prompt that the captions continue
 * @param captions in the order of the search; empty if the image could not be read
 * @param problem why it could not be read; {@code null} if it could
 */
record Captioned(
        String prompt, List<String> captions, @Nullable String problem) {

    Captioned {
        captions = List.copyOf(captions);
    }
}
