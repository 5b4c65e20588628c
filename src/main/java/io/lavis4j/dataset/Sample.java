package io.lavis4j.dataset;

import io.lavis4j.image.Regions;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to load for one sample.
 *
 * @param instanceId the key of its result
 * @param image file
 * @param regions drawn into the image
 * @param textInput what the model learns, ready to be tokenized
 * @param prompt what generation starts from; {@code null} for the model's own
 * @param references what a generated text is compared with
 * @param groups what scores are broken down by, {@code confidence} to {@code 3}; empty for nothing
 */
public record Sample(
        String instanceId,
        Path image,
        Regions regions,
        String textInput,
        @Nullable String prompt,
        List<String> references,
        Map<String, String> groups) {

    public Sample {
        references = List.copyOf(references);
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    /** A sample that belongs to no groups. */
    public Sample(
            String instanceId,
            Path image,
            Regions regions,
            String textInput,
            @Nullable String prompt,
            List<String> references) {
        this(instanceId, image, regions, textInput, prompt, references, Map.of());
    }
}
