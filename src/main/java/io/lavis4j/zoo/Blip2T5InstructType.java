package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2T5InstructConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Precision;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A type of {@code blip2_t5_instruct}: InstructBLIP with T5.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param t5Model folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt instruction where a sample brings none; may be empty
 * @param maxTxtLen longest instruction, in tokens
 * @param maxOutputTxtLen longest answer to learn, in tokens
 * @param qformerTextInput whether the Q-Former reads the instruction too, for which it needs BERT's vocabulary
 * @param checkpoint keys of the checkpoint
 */
public record Blip2T5InstructType(
        VisionKeys vision,
        QFormerKeys qformer,
        String t5Model,
        String prompt,
        int maxTxtLen,
        int maxOutputTxtLen,
        boolean qformerTextInput,
        CheckpointKeys checkpoint)
        implements ModelType<Blip2T5Instruct> {

    static final Architecture<Blip2T5Instruct> ARCHITECTURE = new Architecture<>(
            "blip2_t5_instruct", Blip2T5Instruct.class, Blip2T5InstructType::read, List.of("flant5xl", "flant5xxl"));

    public Blip2T5InstructType {
        checks(maxTxtLen, maxOutputTxtLen).done();
    }

    private static Checks checks(int maxTxtLen, int maxOutputTxtLen) {
        return new Checks().atLeast("max_txt_len", maxTxtLen, 2).atLeast("max_output_txt_len", maxOutputTxtLen, 2);
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2T5InstructType read(Section model) {
        int maxTxtLen = model.integer("max_txt_len", 128), maxOutputTxtLen = model.integer("max_output_txt_len", 256);
        model.check(checks(maxTxtLen, maxOutputTxtLen));
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
        model.check(
                model.integer("num_few_shot_examples", 0) == 0 && model.number("few_shot_prob", 0) == 0,
                "few_shot_prob",
                "0, as few-shot examples are texts here, by these keys of the text processor blip_instruction");
        boolean qformerTextInput = model.flag("qformer_text_input", true);
        String t5Model = model.string("t5_model", "google/flan-t5-xl"), prompt = model.string("prompt", "");
        var qformer = model.read(QFormerKeys::read);
        var vision = model.read(VisionKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        return new Blip2T5InstructType(
                Section.present(vision),
                Section.present(qformer),
                t5Model,
                prompt,
                maxTxtLen,
                maxOutputTxtLen,
                qformerTextInput,
                Section.present(checkpoint));
    }

    @Override
    public List<WeightSource<Blip2T5Instruct>> sources() {
        Optional<WeightSource<Blip2T5Instruct>> tokenizer =
                qformerTextInput ? Optional.of(qformer.tokenizer()) : Optional.empty();
        return Stream.of(
                        vision.<Blip2T5Instruct>source(),
                        qformer.source(Blip2T5Instruct::qformer),
                        tokenizer,
                        Optional.of(Blip2T5Type.languageModel(t5Model, Blip2T5Instruct::languageModel)),
                        checkpoint.<Blip2T5Instruct>source())
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public Blip2T5Instruct create(LocatedWeights files, Device device) {
        var folder = files.of(Blip2T5Type.T5_PART);
        var t5 = Blip2T5Type.shape(folder);
        var vocabulary = qformerTextInput ? files.of(QFormerKeys.TOKENIZER) : null;
        try {
            return Blip2T5Instruct.open(config(t5), folder, vocabulary, device);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("model: " + e.getMessage()));
        }
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.T5.of(t5Model, weights));
        return new ModelShape(
                config.blip2(),
                qformerTextInput ? QFormer.Parts.QUERIES_AND_TEXT : QFormer.Parts.QUERIES,
                new LanguageModelShape.OfT5(config.t5(), config.precision()),
                maxOutputTxtLen);
    }

    /** T5 itself is stored in bf16, as in the reference, on a CPU too. */
    Blip2T5InstructConfig config(T5Config t5) {
        return new Blip2T5InstructConfig(
                vision.blip2(qformer, maxTxtLen), t5, prompt, maxOutputTxtLen, qformerTextInput, Precision.BF16);
    }

    @Override
    public boolean isNew(String parameter) {
        return !parameter.startsWith(Blip2T5Type.PREFIX) && QFormerKeys.isNew(parameter);
    }

    @Override
    public @Nullable String advice(String parameter, long[] found) {
        return Blip2T5Type.adviceFor(parameter, found);
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
