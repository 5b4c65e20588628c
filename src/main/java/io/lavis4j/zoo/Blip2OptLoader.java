package io.lavis4j.zoo;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.blip2.HuggingFaceBlip2;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.tokenize.Tokenizer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Puts BLIP-2 models with OPT together from local files, in the reference's order: vision backbone, BERT, OPT, BLIP-2
 * checkpoint. Each is converted to the configured precision as it is loaded.
 *
 * <p>Differences from the reference: a parameter that no file holds and that is not new in BLIP-2 is an error instead
 * of staying random, unless its part is to be trained from scratch and there is no checkpoint; BERT may be absent when
 * the checkpoint has the whole Q-Former; a checkpoint of which nothing fits is an error.
 */
public final class Blip2OptLoader {

    private final WeightFiles weights;

    /** A loader of the files that {@code weights} finds. */
    public Blip2OptLoader(WeightFiles weights) {
        this.weights = weights;
    }

    /**
     * Where the files of {@link Blip2OptFiles} are.
     *
     * @param files their names
     * @param vision {@code null} if none is wanted
     * @param bert {@code null} if none is wanted, or it is nowhere and a checkpoint may stand in for it
     * @param checkpoint {@code null} if none is wanted
     */
    record Found(
            Blip2OptFiles files,
            @Nullable Path vision,
            @Nullable Path bert,
            Path opt,
            @Nullable Path checkpoint) {}

    /** The model of a type, its language model shaped as the {@code config.json} beside OPT's weights says. */
    public LoadedBlip2Opt load(Blip2OptType type, Device device) {
        return load(type.config(optConfig(type.optModel())), type.files(), device);
    }

    /**
     * A model from its files, all of which are found before any is read. Frozen parts stay views of the mapped files
     * where precision and device agree.
     *
     * @throws UncheckedIOException if a file is nowhere or cannot be read
     * @throws IllegalArgumentException if a file belongs to a model of another shape, or a parameter is left without a
     *     value
     */
    public LoadedBlip2Opt load(Blip2OptConfig config, Blip2OptFiles files, Device device) {
        var found = find(files);
        var published = read(found.opt()).withDropout(config.opt().dropout());
        if (!published.equals(config.opt())) {
            throw new IllegalArgumentException("%s holds %s, but the model is to have %s; take the shape from there"
                    .formatted(found.opt(), published, config.opt()));
        }
        return fill(config, found.opt(), device, model -> new Blip2OptFilling(model, found).run());
    }

    /** Builds a model and fills it; what was opened is closed if that fails. */
    private static LoadedBlip2Opt fill(
            Blip2OptConfig config, Path tokenizerFolder, Device device, Function<Blip2Opt, Blip2OptReport> filling) {
        var tokenizer = Tokenizer.opt(tokenizerFolder);
        Blip2Opt model = null;
        LoadedBlip2Opt loaded = null;
        try {
            model = new Blip2Opt(config, tokenizer, device);
            loaded = new LoadedBlip2Opt(model, tokenizer, filling.apply(model));
            return loaded;
        } finally {
            if (loaded == null) {
                if (model != null) {
                    model.close();
                }
                tokenizer.close();
            }
        }
    }

    /**
     * The model in a directory that Hugging Face's {@code Blip2ForConditionalGeneration} with OPT was saved to:
     * {@code config.json}, weights in one file or shards, and OPT's tokenizer files.
     *
     * @param reference of {@link WeightFiles#model}
     * @param prompt text that generation starts with; may be empty
     * @throws IllegalArgumentException if it holds another kind of model, or lacks a part of this one
     */
    public LoadedBlip2Opt loadHuggingFace(String reference, String prompt, Device device) {
        var directory = weights.model(reference);
        var config = HuggingFaceBlip2.config(directory, prompt);
        return fill(config, directory, device, model -> {
            try (var scope = new PointerScope()) {
                var state = HuggingFaceBlip2.fit(Checkpoints.stateDict(directory));
                new ShapeCheck(directory, "", config.vision().imageSize()).require(state, model);
                var report = model.load(state);
                if (!model.unsetParameters().isEmpty()) {
                    throw new IllegalArgumentException("%s lacks parts of the model: %s".formatted(directory, report));
                }
                return new Blip2OptReport(
                        List.of(new Blip2OptReport.Step("Hugging Face model", directory, report)), List.of());
            }
        });
    }

    private Found find(Blip2OptFiles files) {
        var vision = files.vision() == null ? null : weights.file(files.vision());
        var opt = weights.model(files.opt());
        var checkpoint = files.checkpoint() == null ? null : weights.file(files.checkpoint());
        return new Found(files, vision, bert(files.bert(), checkpoint), opt, checkpoint);
    }

    private @Nullable Path bert(@Nullable String reference, @Nullable Path checkpoint) {
        if (reference == null) {
            return null;
        }
        return checkpoint == null
                ? weights.model(reference)
                : weights.findModel(reference).orElse(null);
    }

    /**
     * The shape that a language model's {@code config.json} describes.
     *
     * @param optModel a reference of {@link WeightFiles#model}
     */
    public OptConfig optConfig(String optModel) {
        return read(weights.model(optModel));
    }

    private static OptConfig read(Path opt) {
        return OptConfig.of(JsonFile.of(
                        opt.resolve("config.json"),
                        "the language model's configuration, which belongs beside its weights")
                .object());
    }
}
