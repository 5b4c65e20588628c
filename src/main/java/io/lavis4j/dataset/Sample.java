package io.lavis4j.dataset;

import io.lavis4j.image.Regions;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The plan of one sample: an image to load, and texts.
 *
 * <p>A text processor that is an {@link io.lavis4j.processor.InstructionProcessor} is asked when the sample is loaded:
 * {@code textInput} becomes the answer to an instruction, or with a {@code textOutput} the question in one.
 *
 * @param instanceId the key of its result
 * @param image file
 * @param regions drawn into the image
 * @param textInput text that the model learns, ready to be tokenized; with a {@code textOutput}, what that answers
 * @param textOutput answer that the model learns; {@code null} for none
 * @param prompt text that generation starts from; {@code null} for the model's own
 * @param references texts that a generated one is compared with
 * @param groups keys that scores are broken down by, {@code confidence} to {@code 3}; empty for nothing
 */
public record Sample(
        String instanceId,
        Path image,
        Regions regions,
        String textInput,
        @Nullable String textOutput,
        @Nullable String prompt,
        List<String> references,
        Map<String, String> groups) {

    public Sample {
        references = List.copyOf(references);
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    /** A sample without an answer that belongs to no groups. */
    public Sample(
            String instanceId,
            Path image,
            Regions regions,
            String textInput,
            @Nullable String prompt,
            List<String> references) {
        this(instanceId, image, regions, textInput, null, prompt, references, Map.of());
    }
}
