package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;
import io.lavis4j.nn.Module;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A file or folder that fills a part of a model, or that a part is read with.
 *
 * @param <M> the model
 * @param part in words, unique in its model
 * @param reference of {@link WeightFiles}
 * @param lookup what the reference names
 * @param prefix of the part's names in the whole model; empty for a checkpoint or folder of all parts
 * @param into the part of a model
 * @param fit from the file's names to the part's
 */
public record WeightSource<M extends BaseModel>(
        String part, String reference, Lookup lookup, String prefix, Function<M, Module> into, Fit<M> fit) {

    /** Part of language models, which the whole model never trains; its folder has their tokenizer too. */
    public static final String LANGUAGE_MODEL = "language model";

    /** Kinds of references. */
    public enum Lookup {
        /** A single file. */
        FILE,
        /** A model's folder: of the whole, or of a part that is never trained and that checkpoints leave out. */
        MODEL,
        /** A model's folder that may be nowhere if there is a checkpoint, which then has the whole part. */
        MODEL_UNLESS_CHECKPOINT,
        /** A model's folder of which the tokenizer alone is read: no parameter comes from it. */
        TOKENIZER
    }

    /** From the names and shapes of a file to those of a part; names that the part lacks are reported. */
    @FunctionalInterface
    public interface Fit<M> {

        /** @param state views of the file */
        Map<String, Tensor> apply(Map<String, Tensor> state, M model);
    }

    /** A language model, which its folder has whole. */
    static <M extends BaseModel> WeightSource<M> languageModel(
            String reference, String prefix, Function<M, Module> into, Fit<M> fit) {
        return new WeightSource<>(LANGUAGE_MODEL, reference, Lookup.MODEL, prefix, into, fit);
    }

    /** A checkpoint of the whole model, under its own names. */
    public static <M extends BaseModel> WeightSource<M> checkpoint(String part, String reference) {
        return new WeightSource<>(part, reference, Lookup.FILE, "", BaseModel::module, (state, model) -> state);
    }

    /** A model's folder that must have a tokenizer, whether its weights are there or not. */
    public static <M extends BaseModel> WeightSource<M> tokenizer(String part, String reference) {
        return new WeightSource<>(part, reference, Lookup.TOKENIZER, "", BaseModel::module, (state, model) -> Map.of());
    }

    /** Whether it is of the whole model, over its parts. */
    public boolean isCheckpoint() {
        return prefix.isEmpty() && hasWeights();
    }

    /** Whether it may be nowhere. */
    public boolean isOptional(boolean withCheckpoint) {
        return withCheckpoint && lookup == Lookup.MODEL_UNLESS_CHECKPOINT;
    }

    /**
     * The file or folder that the reference names.
     *
     * @throws java.io.UncheckedIOException if it is nowhere; the message says where it was looked for
     */
    public Path find(WeightFiles weights) {
        return switch (lookup) {
            case FILE -> weights.file(reference);
            case TOKENIZER -> weights.tokenizer(reference);
            case MODEL, MODEL_UNLESS_CHECKPOINT -> weights.model(reference);
        };
    }

    /** Whether parameters come from it. */
    public boolean hasWeights() {
        return lookup != Lookup.TOKENIZER;
    }
}
