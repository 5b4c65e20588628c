package io.lavis4j.dataset;

import io.lavis4j.processor.Regions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to load for one sample.
 *
 * @param instanceId the key of its result
 * @param picture file
 * @param regions drawn into the picture
 * @param textInput what the model learns, ready to be tokenized
 * @param prompt what generation starts from; {@code null} for the model's own
 * @param references what a generated text is compared with
 */
public record Sample(
        String instanceId,
        Path picture,
        Regions regions,
        String textInput,
        @Nullable String prompt,
        List<String> references) {

    public Sample {
        references = List.copyOf(references);
    }
}
