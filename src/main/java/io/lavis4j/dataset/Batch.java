package io.lavis4j.dataset;

import io.lavis4j.features.KeptFeatures;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Samples on their way into a model; closed by whoever took it from the loader.
 *
 * @param image (B, 3, S, S) in the precision of {@link LoaderConfig}, normalised, on the loader's device; undefined
 *     where {@code kept} has features
 * @param texts what the model learns, B
 * @param prepared {@code texts} as the loader's model takes them, and no other; {@code null} if it knows none
 * @param samples all of the samples but their images, B
 * @param kept features of images that were loaded in their place; {@code null} if none are kept
 */
public record Batch(
        Tensor image,
        Texts texts,
        @Nullable Prepared prepared,
        List<SampleTexts> samples,
        @Nullable KeptFeatures kept) implements AutoCloseable {

    public Batch {
        samples = List.copyOf(samples);
    }

    /** Samples that are not prepared. */
    public Batch(Tensor image, List<SampleTexts> samples) {
        this(image, learned(samples), null, samples, null);
    }

    /** The texts that a model learns of samples; without outputs, image ids or weights unless all have them. */
    static Texts learned(List<SampleTexts> samples) {
        var inputs = samples.stream().map(SampleTexts::textInput).toList();
        var outputs = samples.stream()
                .flatMap(texts -> Stream.ofNullable(texts.textOutput()))
                .toList();
        long[] imageIds = samples.stream()
                .mapToLong(SampleTexts::imageId)
                .filter(id -> id != SampleTexts.NO_IMAGE_ID)
                .toArray();
        double[] weights = samples.stream().mapToDouble(SampleTexts::weight).toArray();
        boolean weighted = samples.stream().anyMatch(texts -> texts.weight() != 1);
        int B = samples.size();
        return new Texts(
                inputs,
                outputs.size() == B ? outputs : List.of(),
                imageIds.length == B ? imageIds : new long[0],
                weighted ? weights : new double[0]);
    }

    /** Samples in this batch, B. */
    public int size() {
        return samples.size();
    }

    /** The keys of the results, B. */
    public List<String> instanceIds() {
        return of(SampleTexts::instanceId);
    }

    /** Texts that generation starts from, B; {@code null} among them for the model's own prompt. */
    public List<@Nullable String> prompts() {
        var prompts = new ArrayList<@Nullable String>(size());
        samples.forEach(sample -> prompts.add(sample.prompt()));
        return Collections.unmodifiableList(prompts);
    }

    /** Texts that generated ones are compared with, B lists. */
    public List<List<String>> references() {
        return of(SampleTexts::references);
    }

    /** Keys that scores are broken down by, B maps. */
    public List<Map<String, String>> groups() {
        return of(SampleTexts::groups);
    }

    private <T> List<T> of(Function<SampleTexts, T> part) {
        return samples.stream().map(part).toList();
    }

    /** Whether features were loaded in place of an image. */
    public boolean hasFeatures(int sample) {
        return kept != null && kept.isKept(sample);
    }

    /** The batch as a model is to see it: with features in place of images, of the caller's scope, if they are kept. */
    public Batch seen() {
        return kept == null ? this : new Batch(kept.all(image), texts, prepared, samples, null);
    }

    /** Frees the images. */
    @Override
    public void close() {
        image.close();
        if (kept != null) {
            kept.close();
        }
    }
}
