package io.lavis4j.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.tokenize.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Puts BLIP-2 models with OPT together from local files, in the reference's order: vision backbone, BERT, OPT, BLIP-2
 * checkpoint. Each is converted to the configured precision as it is loaded.
 *
 * <p>Differences from the reference: a parameter that no file holds and that is not new in BLIP-2 is an error instead
 * of staying random; BERT may be absent when the checkpoint has the whole Q-Former; a checkpoint of which nothing fits
 * is an error.
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
     * @param bert {@code null} if it is nowhere and a checkpoint may stand in for it
     * @param checkpoint {@code null} if none is wanted
     */
    record Found(
            Blip2OptFiles files,
            Path vision,
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
        var tokenizer = Tokenizer.opt(found.opt());
        Blip2Opt model = null;
        LoadedBlip2Opt loaded = null;
        try {
            model = new Blip2Opt(config, tokenizer, device);
            loaded = new LoadedBlip2Opt(model, tokenizer, new Blip2OptFilling(model, found).run());
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

    private Found find(Blip2OptFiles files) {
        var vision = weights.file(files.vision());
        var opt = weights.model(files.opt());
        var checkpoint = files.checkpoint() == null ? null : weights.file(files.checkpoint());
        var bert = checkpoint == null
                ? weights.model(files.bert())
                : weights.findModel(files.bert()).orElse(null);
        return new Found(files, vision, bert, opt, checkpoint);
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
        var file = opt.resolve("config.json");
        try {
            return OptConfig.of(new ObjectMapper().readTree(file.toFile()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(
                    "%s: expected JSON, got an error: %s; fetch the file again".formatted(file, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be read (%s); the language model's configuration belongs beside its weights"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
