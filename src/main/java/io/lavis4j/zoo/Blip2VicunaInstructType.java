package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.blip2.Blip2VicunaInstructConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.llama.LlamaWeights;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Device;

/**
 * A type of {@code blip2_vicuna_instruct}: InstructBLIP with Vicuna.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param llmModel folder or published name of the language model; its {@code config.json} gives its shape
 * @param prompt instruction where a sample brings none; may be empty
 * @param maxTxtLen longest instruction, in tokens
 * @param maxOutputTxtLen longest answer to learn, in tokens
 * @param qformerTextInput whether the Q-Former reads the instruction too, for which it needs BERT's vocabulary
 * @param language keys of how the language model is stored
 * @param checkpoint keys of the checkpoint
 */
public record Blip2VicunaInstructType(
        VisionKeys vision,
        QFormerKeys qformer,
        String llmModel,
        String prompt,
        int maxTxtLen,
        int maxOutputTxtLen,
        boolean qformerTextInput,
        LanguageKeys language,
        CheckpointKeys checkpoint)
        implements Blip2Type<Blip2VicunaInstruct> {

    static final Architecture<Blip2VicunaInstruct> ARCHITECTURE = new Architecture<>(
            "blip2_vicuna_instruct",
            Blip2VicunaInstruct.class,
            Blip2VicunaInstructType::read,
            List.of("vicuna7b", "vicuna13b"));

    public Blip2VicunaInstructType {
        new Checks()
                .atLeast("max_txt_len", maxTxtLen, 2)
                .atLeast("max_output_txt_len", maxOutputTxtLen, 2)
                .done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2VicunaInstructType read(Section model) {
        Blip2Type.requireNoLemmatizer(model);
        String llmModel = model.string("llm_model"), prompt = model.string("prompt", "");
        int maxTxtLen = Blip2Type.length(model, "max_txt_len", 128);
        int maxOutputTxtLen = Blip2Type.length(model, "max_output_txt_len", 256);
        boolean reads = model.flag("qformer_text_input", true);
        var language = LanguageKeys.read(model, Precision.FP16);
        return Blip2Type.read(
                model,
                (vision, qformer, checkpoint) -> new Blip2VicunaInstructType(
                        vision, qformer, llmModel, prompt, maxTxtLen, maxOutputTxtLen, reads, language, checkpoint));
    }

    @Override
    public QFormer.Parts parts() {
        return qformerTextInput ? QFormer.Parts.QUERIES_AND_TEXT : QFormer.Parts.QUERIES;
    }

    @Override
    public Optional<WeightSource<Blip2VicunaInstruct>> languageModel() {
        return Optional.of(WeightSource.languageModel(
                llmModel,
                "llm_model.",
                Blip2VicunaInstruct::languageModel,
                (state, model) -> LlamaWeights.fit(state, model.languageModel().config())));
    }

    /** Vicuna itself is stored in fp16, as in the reference. */
    @Override
    public Blip2VicunaInstruct create(LocatedWeights files, Device device) {
        var folder = files.of(WeightSource.LANGUAGE_MODEL);
        var llama = shape(folder);
        var vocabulary = files.find(QFormerKeys.TOKENIZER).orElse(null);
        return configured(device, () -> Blip2VicunaInstruct.open(config(llama), folder, vocabulary, device));
    }

    static LlamaConfig shape(Path folder) {
        return LlamaConfig.of(Blip2Type.configJson(folder));
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.VICUNA.of(llmModel, weights));
        return new ModelShape(
                config.blip2(), parts(), LanguageModelShape.of(config.llama(), language.storage()), maxOutputTxtLen);
    }

    @Override
    public List<TextLimit> textLimits() {
        return List.of(
                TextLimit.ofInput("max_txt_len", maxTxtLen, llmModel, Tokenizer::vicuna),
                TextLimit.ofOutput("max_output_txt_len", maxOutputTxtLen, llmModel, Tokenizer::vicuna)
                        .withEnd("</s>"));
    }

    /** @param llama as the language model's files have it, without LAVIS's word for padding */
    Blip2VicunaInstructConfig config(LlamaConfig llama) {
        return new Blip2VicunaInstructConfig(
                vision.blip2(qformer, maxTxtLen),
                llama.withPadToken(),
                prompt,
                maxOutputTxtLen,
                qformerTextInput,
                language.llmPrecision());
    }
}
