package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Device;

/**
 * A type of {@code blip2_opt}: BLIP-2 with OPT.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param optModel folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt text that generation starts with; may be empty
 * @param maxTxtLen longest text, in tokens
 * @param language keys of how the language model is stored
 * @param checkpoint keys of the checkpoint
 */
public record Blip2OptType(
        VisionKeys vision,
        QFormerKeys qformer,
        String optModel,
        String prompt,
        int maxTxtLen,
        LanguageKeys language,
        CheckpointKeys checkpoint)
        implements Blip2Type<Blip2Opt> {

    static final Architecture<Blip2Opt> ARCHITECTURE = new Architecture<>(
            "blip2_opt",
            Blip2Opt.class,
            Blip2OptType::read,
            List.of("pretrain_opt2.7b", "pretrain_opt6.7b", "caption_coco_opt2.7b", "caption_coco_opt6.7b"));

    public Blip2OptType {
        new Checks().atLeast("max_txt_len", maxTxtLen, 2).done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2OptType read(Section model) {
        Blip2Type.requireNoLemmatizer(model);
        String optModel = model.string("opt_model", "facebook/opt-2.7b"), prompt = model.string("prompt", "");
        int maxTxtLen = Blip2Type.length(model, "max_txt_len", 32);
        var language = LanguageKeys.read(model, Precision.FP16);
        return Blip2Type.read(
                model,
                (vision, qformer, checkpoint) ->
                        new Blip2OptType(vision, qformer, optModel, prompt, maxTxtLen, language, checkpoint));
    }

    @Override
    public QFormer.Parts parts() {
        return QFormer.Parts.QUERIES;
    }

    @Override
    public Optional<WeightSource<Blip2Opt>> languageModel() {
        return Optional.of(languageModel(optModel));
    }

    static WeightSource<Blip2Opt> languageModel(String reference) {
        return WeightSource.languageModel(
                reference, "opt_model.", Blip2Opt::languageModel, (state, model) -> OptWeights.fit(state));
    }

    /** OPT itself is stored in fp16, as in the reference. */
    @Override
    public Blip2Opt create(LocatedWeights files, Device device) {
        var folder = files.of(WeightSource.LANGUAGE_MODEL);
        var opt = shape(folder);
        return configured(device, () -> Blip2Opt.open(config(opt), folder, device));
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.OPT.of(optModel, weights));
        return new ModelShape(config.blip2(), parts(), LanguageModelShape.of(config.opt(), language.storage()), 0);
    }

    @Override
    public List<TextLimit> textLimits() {
        return List.of(TextLimit.ofInput("max_txt_len", maxTxtLen, optModel, Tokenizer::opt)
                .withEnd("\n"));
    }

    Blip2OptConfig config(OptConfig opt) {
        return new Blip2OptConfig(vision.blip2(qformer, maxTxtLen), opt, prompt, language.llmPrecision());
    }

    /** The shape that the {@code config.json} beside the weights describes. */
    static OptConfig shape(Path folder) {
        return OptConfig.of(Blip2Type.configJson(folder));
    }
}
