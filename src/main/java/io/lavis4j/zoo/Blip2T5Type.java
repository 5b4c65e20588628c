package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2ConditionalGeneration;
import io.lavis4j.model.blip2.Blip2LanguageConfig;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Config;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.model.t5.T5Config.DenseActFn;
import io.lavis4j.model.t5.T5Weights;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Device;

/**
 * A type of {@code blip2_t5}: BLIP-2 with T5.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param t5Model folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt text that the encoder reads where a sample brings none; may be empty
 * @param maxTxtLen longest input and longest output, in tokens
 * @param language keys of how the language model is stored
 * @param checkpoint keys of the checkpoint
 */
public record Blip2T5Type(
        VisionKeys vision,
        QFormerKeys qformer,
        String t5Model,
        String prompt,
        int maxTxtLen,
        LanguageKeys language,
        CheckpointKeys checkpoint)
        implements Blip2Type<Blip2T5> {

    static final Architecture<Blip2T5> ARCHITECTURE = new Architecture<>(
            "blip2_t5",
            Blip2T5.class,
            Blip2T5Type::read,
            List.of("pretrain_flant5xl", "pretrain_flant5xl_vitL", "pretrain_flant5xxl", "caption_coco_flant5xl"));

    public Blip2T5Type {
        new Checks().atLeast("max_txt_len", maxTxtLen, 2).done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2T5Type read(Section model) {
        Blip2Type.requireNoLemmatizer(model);
        String t5Model = model.string("t5_model", "google/flan-t5-xl"), prompt = model.string("prompt", "");
        int maxTxtLen = Blip2Type.length(model, "max_txt_len", 32);
        var language = LanguageKeys.read(model, Precision.BF16);
        return Blip2Type.read(
                model,
                (vision, qformer, checkpoint) ->
                        new Blip2T5Type(vision, qformer, t5Model, prompt, maxTxtLen, language, checkpoint));
    }

    @Override
    public QFormer.Parts parts() {
        return QFormer.Parts.QUERIES;
    }

    @Override
    public Optional<WeightSource<Blip2T5>> languageModel() {
        return Optional.of(languageModel(t5Model));
    }

    static <C extends Blip2LanguageConfig, M extends Blip2ConditionalGeneration<C, T5>> WeightSource<M> languageModel(
            String reference) {
        return WeightSource.languageModel(
                reference,
                "t5_model.",
                M::languageModel,
                (state, model) -> T5Weights.fit(state, model.languageModel().config()));
    }

    @Override
    public Blip2T5 create(LocatedWeights files, Device device) {
        var folder = files.of(WeightSource.LANGUAGE_MODEL);
        var t5 = shape(folder);
        return configured(device, () -> Blip2T5.open(config(t5), folder, device));
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.T5.of(t5Model, weights));
        return new ModelShape(
                config.blip2(), parts(), LanguageModelShape.of(config.t5(), language.storage()), maxTxtLen);
    }

    @Override
    public List<TextLimit> textLimits() {
        return List.of(
                TextLimit.ofInput("max_txt_len", maxTxtLen, t5Model, Tokenizer::t5),
                TextLimit.ofOutput("max_txt_len", maxTxtLen, t5Model, Tokenizer::t5));
    }

    /** T5 itself is stored in bf16, as in the reference, on a CPU too. */
    Blip2T5Config config(T5Config t5) {
        return new Blip2T5Config(vision.blip2(qformer, maxTxtLen), t5, prompt, language.llmPrecision());
    }

    /** The shape that the {@code config.json} beside the weights describes, with LAVIS's choice of GELU. */
    static T5Config shape(Path folder) {
        return asInLavis(T5Config.of(Blip2Type.configJson(folder)));
    }

    static T5Config asInLavis(T5Config published) {
        return published.withDenseActFn(DenseActFn.GELU);
    }
}
