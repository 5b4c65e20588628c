package io.lavis4j.dataset;

import io.lavis4j.tokenize.BatchEncoding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Samples on their way into a model; closed by whoever took it from the loader.
 *
 * @param image (B, 3, S, S) in the precision of {@link LoaderConfig}, normalised, on the loader's device
 * @param textInput B texts that the model learns
 * @param tokens of {@code textInput}; {@code null} if the loader makes none
 * @param prompts B texts that generation starts from; {@code null} among them for the model's own prompt
 * @param instanceIds the keys of the results, B
 * @param references B lists of texts that generated ones are compared with
 * @param groups B maps of keys that scores are broken down by
 */
public record Batch(
        Tensor image,
        List<String> textInput,
        @Nullable BatchEncoding tokens,
        List<@Nullable String> prompts,
        List<String> instanceIds,
        List<List<String>> references,
        List<Map<String, String>> groups)
        implements AutoCloseable {

    public Batch {
        textInput = List.copyOf(textInput);
        prompts = Collections.unmodifiableList(new ArrayList<@Nullable String>(prompts));
        instanceIds = List.copyOf(instanceIds);
        references = List.copyOf(references);
        groups = List.copyOf(groups);
    }

    /** Samples without tokens that belong to no groups. */
    public Batch(
            Tensor image,
            List<String> textInput,
            List<@Nullable String> prompts,
            List<String> instanceIds,
            List<List<String>> references) {
        this(
                image,
                textInput,
                null,
                prompts,
                instanceIds,
                references,
                Collections.nCopies(instanceIds.size(), Map.of()));
    }

    /** Samples in this batch, B. */
    public int size() {
        return instanceIds.size();
    }

    /** Frees the images. */
    @Override
    public void close() {
        image.close();
    }
}
