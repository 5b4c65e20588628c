package io.lavis4j.dataset;

import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Samples on their way into a model; closed by whoever took it from the loader.
 *
 * @param image (B, 3, S, S) in the precision of {@link LoaderConfig}, normalised, on the loader's device
 * @param texts what the model learns, B
 * @param prepared {@code texts} as the loader's model takes them, and no other; {@code null} if it knows none
 * @param prompts B texts that generation starts from; {@code null} among them for the model's own prompt
 * @param instanceIds the keys of the results, B
 * @param references B lists of texts that generated ones are compared with
 * @param groups B maps of keys that scores are broken down by
 */
public record Batch(
        Tensor image,
        Texts texts,
        @Nullable Prepared prepared,
        List<@Nullable String> prompts,
        List<String> instanceIds,
        List<List<String>> references,
        List<Map<String, String>> groups)
        implements AutoCloseable {

    public Batch {
        prompts = Collections.unmodifiableList(new ArrayList<@Nullable String>(prompts));
        instanceIds = List.copyOf(instanceIds);
        references = List.copyOf(references);
        groups = List.copyOf(groups);
    }

    /** Samples that are not prepared and belong to no groups. */
    public Batch(
            Tensor image,
            Texts texts,
            List<@Nullable String> prompts,
            List<String> instanceIds,
            List<List<String>> references) {
        this(image, texts, null, prompts, instanceIds, references, Collections.nCopies(instanceIds.size(), Map.of()));
    }

    /** What a model learns of samples; without outputs unless all have one. */
    static Texts learned(List<LoadedSample.Texts> samples) {
        var inputs = samples.stream().map(LoadedSample.Texts::textInput).toList();
        var outputs = samples.stream()
                .flatMap(texts -> Stream.ofNullable(texts.textOutput()))
                .toList();
        return Texts.of(inputs, outputs.size() == inputs.size() ? outputs : List.of());
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
