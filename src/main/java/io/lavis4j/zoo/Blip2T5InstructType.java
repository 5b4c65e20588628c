package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2T5InstructConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Device;

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
 * @param language keys of how the language model is stored
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
        LanguageKeys language,
        CheckpointKeys checkpoint)
        implements Blip2Type<Blip2T5Instruct> {

    static final Architecture<Blip2T5Instruct> ARCHITECTURE = new Architecture<>(
            "blip2_t5_instruct", Blip2T5Instruct.class, Blip2T5InstructType::read, List.of("flant5xl", "flant5xxl"));

    public Blip2T5InstructType {
        new Checks()
                .atLeast("max_txt_len", maxTxtLen, 2)
                .atLeast("max_output_txt_len", maxOutputTxtLen, 2)
                .done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2T5InstructType read(Section model) {
        Blip2Type.requireNoLemmatizer(model);
        String t5Model = model.string("t5_model", "google/flan-t5-xl"), prompt = model.string("prompt", "");
        int maxTxtLen = Blip2Type.length(model, "max_txt_len", 128);
        int maxOutputTxtLen = Blip2Type.length(model, "max_output_txt_len", 256);
        boolean reads = model.flag("qformer_text_input", true);
        var language = LanguageKeys.read(model, Precision.BF16);
        return Blip2Type.read(
                model,
                (vision, qformer, checkpoint) -> new Blip2T5InstructType(
                        vision, qformer, t5Model, prompt, maxTxtLen, maxOutputTxtLen, reads, language, checkpoint));
    }

    @Override
    public QFormer.Parts parts() {
        return qformerTextInput ? QFormer.Parts.QUERIES_AND_TEXT : QFormer.Parts.QUERIES;
    }

    @Override
    public Optional<WeightSource<Blip2T5Instruct>> languageModel() {
        return Optional.of(Blip2T5Type.languageModel(t5Model));
    }

    @Override
    public Blip2T5Instruct create(LocatedWeights files, Device device) {
        var folder = files.of(WeightSource.LANGUAGE_MODEL);
        var t5 = Blip2T5Type.shape(folder);
        var vocabulary = files.find(QFormerKeys.TOKENIZER).orElse(null);
        return configured(device, () -> Blip2T5Instruct.open(config(t5), folder, vocabulary, device));
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.T5.of(t5Model, weights));
        return new ModelShape(
                config.blip2(), parts(), LanguageModelShape.of(config.t5(), language.storage()), maxOutputTxtLen);
    }

    @Override
    public List<TextLimit> textLimits() {
        return List.of(
                TextLimit.ofInput("max_txt_len", maxTxtLen, t5Model, Tokenizer::t5),
                TextLimit.ofOutput("max_output_txt_len", maxOutputTxtLen, t5Model, Tokenizer::t5));
    }

    /** T5 itself is stored in bf16, as in the reference, on a CPU too. */
    Blip2T5InstructConfig config(T5Config t5) {
        return new Blip2T5InstructConfig(
                vision.blip2(qformer, maxTxtLen),
                t5,
                prompt,
                maxOutputTxtLen,
                qformerTextInput,
                language.llmPrecision());
    }
}
