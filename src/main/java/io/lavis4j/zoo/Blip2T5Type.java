package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Config;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.model.t5.T5Config.DenseActFn;
import io.lavis4j.model.t5.T5Weights;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A type of {@code blip2_t5}: BLIP-2 with T5.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param t5Model folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt text that the encoder reads where a sample brings none; may be empty
 * @param maxTxtLen longest input and longest output, in tokens
 * @param checkpoint keys of the checkpoint
 */
public record Blip2T5Type(
        VisionKeys vision, QFormerKeys qformer, String t5Model, String prompt, int maxTxtLen, CheckpointKeys checkpoint)
        implements ModelType<Blip2T5> {

    static final Architecture<Blip2T5> ARCHITECTURE = new Architecture<>(
            "blip2_t5",
            Blip2T5.class,
            Blip2T5Type::read,
            List.of("pretrain_flant5xl", "pretrain_flant5xl_vitL", "pretrain_flant5xxl", "caption_coco_flant5xl"));

    static final String T5_PART = WeightSource.LANGUAGE_MODEL;
    static final String PREFIX = "t5_model.";

    public Blip2T5Type {
        new Checks().atLeast("max_txt_len", maxTxtLen, 2).done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2T5Type read(Section model) {
        int maxTxtLen = model.integer("max_txt_len", 32);
        model.check(new Checks().atLeast("max_txt_len", maxTxtLen, 2));
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
        String t5Model = model.string("t5_model", "google/flan-t5-xl"), prompt = model.string("prompt", "");
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        return new Blip2T5Type(
                Section.present(vision),
                Section.present(qformer),
                t5Model,
                prompt,
                maxTxtLen,
                Section.present(checkpoint));
    }

    @Override
    public List<WeightSource<Blip2T5>> sources() {
        return Stream.of(
                        vision.<Blip2T5>source(),
                        qformer.source(Blip2T5::qformer),
                        Optional.of(languageModel(t5Model, Blip2T5::languageModel)),
                        checkpoint.<Blip2T5>source())
                .flatMap(Optional::stream)
                .toList();
    }

    static <M extends BaseModel> WeightSource<M> languageModel(String reference, Function<M, T5> t5) {
        return new WeightSource<>(
                T5_PART,
                reference,
                WeightSource.Lookup.MODEL,
                PREFIX,
                t5::apply,
                (state, model) -> T5Weights.fit(state, t5.apply(model).config()));
    }

    @Override
    public Blip2T5 create(LocatedWeights files, Device device) {
        var folder = files.of(T5_PART);
        return Blip2T5.open(config(shape(folder)), folder, device);
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.T5.of(t5Model, weights));
        return new ModelShape(
                config.blip2(),
                QFormer.Parts.QUERIES,
                new LanguageModelShape.OfT5(config.t5(), config.precision()),
                maxTxtLen);
    }

    /** T5 itself is stored in bf16, as in the reference, on a CPU too. */
    Blip2T5Config config(T5Config t5) {
        return new Blip2T5Config(vision.blip2(qformer, maxTxtLen), t5, prompt, Precision.BF16);
    }

    /** The shape that the {@code config.json} beside the weights describes, with LAVIS's choice of GELU. */
    static T5Config shape(Path folder) {
        var file = JsonFile.of(folder.resolve("config.json"), "T5's configuration, which belongs beside its weights");
        return asInLavis(T5Config.of(file.tree()));
    }

    static T5Config asInLavis(T5Config published) {
        return published.withDenseActFn(DenseActFn.GELU);
    }

    @Override
    public boolean isNew(String parameter) {
        return !parameter.startsWith(PREFIX) && QFormerKeys.isNew(parameter);
    }

    @Override
    public @Nullable String advice(String parameter, long[] found) {
        return adviceFor(parameter, found);
    }

    static @Nullable String adviceFor(String parameter, long[] found) {
        return parameter.startsWith("t5_proj.")
                ? "it was trained with a T5 of width %d: set t5_model to that one".formatted(found[0])
                : null;
    }

    @Override
    public int imageSize() {
        return vision.imageSize();
    }

    @Override
    public boolean interpolatePosEmbed() {
        return checkpoint.interpolatePosEmbed();
    }
}
