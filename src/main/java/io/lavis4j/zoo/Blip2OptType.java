package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A type of {@code blip2_opt}: BLIP-2 with OPT.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param optModel folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt text that generation starts with; may be empty
 * @param maxTxtLen longest text, in tokens
 * @param checkpoint keys of the checkpoint
 */
public record Blip2OptType(
        VisionKeys vision,
        QFormerKeys qformer,
        String optModel,
        String prompt,
        int maxTxtLen,
        CheckpointKeys checkpoint)
        implements ModelType<Blip2Opt> {

    static final Architecture<Blip2Opt> ARCHITECTURE = new Architecture<>(
            "blip2_opt",
            Blip2Opt.class,
            Blip2OptType::read,
            List.of("pretrain_opt2.7b", "pretrain_opt6.7b", "caption_coco_opt2.7b", "caption_coco_opt6.7b"));

    private static final String OPT = WeightSource.LANGUAGE_MODEL;
    private static final String OPT_PREFIX = "opt_model.";

    public Blip2OptType {
        new Checks().atLeast("max_txt_len", maxTxtLen, 2).done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2OptType read(Section model) {
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        String optModel = model.string("opt_model", "facebook/opt-2.7b"), prompt = model.string("prompt", "");
        int maxTxtLen = model.integer("max_txt_len", 32);
        model.check(new Checks().atLeast("max_txt_len", maxTxtLen, 2));
        return new Blip2OptType(
                Section.present(vision),
                Section.present(qformer),
                optModel,
                prompt,
                maxTxtLen,
                Section.present(checkpoint));
    }

    @Override
    public List<WeightSource<Blip2Opt>> sources() {
        return Stream.of(
                        vision.<Blip2Opt>source(),
                        qformer.source(Blip2Opt::qformer),
                        Optional.of(languageModel(optModel)),
                        checkpoint.<Blip2Opt>source())
                .flatMap(Optional::stream)
                .toList();
    }

    static WeightSource<Blip2Opt> languageModel(String reference) {
        return new WeightSource<>(
                OPT,
                reference,
                WeightSource.Lookup.MODEL,
                OPT_PREFIX,
                Blip2Opt::languageModel,
                (state, model) -> OptWeights.fit(state));
    }

    /** OPT itself is stored in fp16, as in the reference. */
    @Override
    public Blip2Opt create(LocatedWeights files, Device device) {
        var folder = files.of(OPT);
        var opt = shape(folder);
        try {
            return Blip2Opt.open(config(opt), folder, device);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("model: " + e.getMessage()));
        }
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.OPT.of(optModel, weights));
        return new ModelShape(
                config.blip2(),
                QFormer.Parts.QUERIES,
                new LanguageModelShape.OfOpt(config.opt(), config.precision()),
                0);
    }

    Blip2OptConfig config(OptConfig opt) {
        return new Blip2OptConfig(vision.blip2(qformer, maxTxtLen), opt, prompt, Precision.FP16);
    }

    /** The shape that the {@code config.json} beside the weights describes. */
    static OptConfig shape(Path folder) {
        return OptConfig.of(JsonFile.of(
                        folder.resolve("config.json"),
                        "the language model's configuration, which belongs beside its weights")
                .tree());
    }

    @Override
    public boolean isNew(String parameter) {
        return begins(parameter);
    }

    /** Whether a parameter of the whole model begins with it, as neither backbone, BERT nor OPT has it. */
    static boolean begins(String parameter) {
        return !parameter.startsWith(OPT_PREFIX) && QFormerKeys.isNew(parameter);
    }

    @Override
    public int imageSize() {
        return vision.imageSize();
    }

    @Override
    public boolean interpolatePosEmbed() {
        return checkpoint.interpolatePosEmbed();
    }

    @Override
    public @Nullable String advice(String parameter, long[] found) {
        return adviceFor(parameter, found);
    }

    static @Nullable String adviceFor(String parameter, long[] found) {
        return parameter.startsWith("opt_proj.")
                ? "it was trained with a language model of width %d: set opt_model to that one".formatted(found[0])
                : null;
    }
}
