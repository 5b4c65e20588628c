package io.lavis4j.dataset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sample whose pixels are in their place.
 *
 * @param id of the sample asked for, unique among those of its loader
 * @param instanceId of that one, or of what replaced it; so are the texts
 * @param textInput what the model learns
 * @param prompt what generation starts from; {@code null} for the model's own
 * @param references what a generated text is compared with
 * @param broken the samples that could not be read
 */
record Loaded(
        long id,
        String instanceId,
        String textInput,
        @Nullable String prompt,
        List<String> references,
        List<Broken> broken) {

    Loaded {
        references = List.copyOf(references);
        broken = List.copyOf(broken);
    }

    /**
     * A sample that could not be read.
     *
     * @param id its number
     * @param problem names it and says what is wrong
     */
    record Broken(long id, String problem) {}
}
