package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.blip2.Blip2VicunaInstructConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.llama.LlamaWeights;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

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
        CheckpointKeys checkpoint)
        implements ModelType<Blip2VicunaInstruct> {

    static final Architecture<Blip2VicunaInstruct> ARCHITECTURE = new Architecture<>(
            "blip2_vicuna_instruct",
            Blip2VicunaInstruct.class,
            Blip2VicunaInstructType::read,
            List.of("vicuna7b", "vicuna13b"));

    private static final String LLM = WeightSource.LANGUAGE_MODEL;
    private static final String LLM_PREFIX = "llm_model.";

    public Blip2VicunaInstructType {
        new Checks()
                .atLeast("max_txt_len", maxTxtLen, 2)
                .atLeast("max_output_txt_len", maxOutputTxtLen, 2)
                .done();
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    static Blip2VicunaInstructType read(Section model) {
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        String llmModel = model.string("llm_model"), prompt = model.string("prompt", "");
        int maxTxtLen = model.integer("max_txt_len", 128), maxOutputTxtLen = model.integer("max_output_txt_len", 256);
        boolean qformerTextInput = model.flag("qformer_text_input", true);
        model.check(
                new Checks().atLeast("max_txt_len", maxTxtLen, 2).atLeast("max_output_txt_len", maxOutputTxtLen, 2));
        return new Blip2VicunaInstructType(
                Section.present(vision),
                Section.present(qformer),
                llmModel,
                prompt,
                maxTxtLen,
                maxOutputTxtLen,
                qformerTextInput,
                Section.present(checkpoint));
    }

    @Override
    public List<WeightSource<Blip2VicunaInstruct>> sources() {
        return Stream.of(
                        vision.<Blip2VicunaInstruct>source(),
                        qformer.source(Blip2VicunaInstruct::qformer),
                        qformerTextInput
                                ? Optional.of(qformer.<Blip2VicunaInstruct>tokenizer())
                                : Optional.<WeightSource<Blip2VicunaInstruct>>empty(),
                        Optional.of(languageModel()),
                        checkpoint.<Blip2VicunaInstruct>source())
                .flatMap(Optional::stream)
                .toList();
    }

    private WeightSource<Blip2VicunaInstruct> languageModel() {
        return new WeightSource<>(
                LLM,
                llmModel,
                WeightSource.Lookup.MODEL,
                LLM_PREFIX,
                Blip2VicunaInstruct::languageModel,
                (state, model) -> LlamaWeights.fit(state, model.languageModel().config()));
    }

    /** Vicuna itself is stored in fp16, as in the reference. */
    @Override
    public Blip2VicunaInstruct create(LocatedWeights files, Device device) {
        var folder = files.of(LLM);
        var llama = shape(folder);
        var vocabulary = qformerTextInput ? files.of(QFormerKeys.TOKENIZER) : null;
        try {
            return Blip2VicunaInstruct.open(config(llama), folder, vocabulary, device);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("model: " + e.getMessage()));
        }
    }

    static LlamaConfig shape(Path folder) {
        return LlamaConfig.of(JsonFile.of(
                        folder.resolve("config.json"),
                        "the language model's configuration, which belongs beside its weights")
                .tree());
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        var config = config(PublishedShapes.VICUNA.of(llmModel, weights));
        return new ModelShape(
                config.blip2(),
                qformerTextInput ? QFormer.Parts.QUERIES_AND_TEXT : QFormer.Parts.QUERIES,
                new LanguageModelShape.OfVicuna(config.llama(), config.precision()),
                maxOutputTxtLen);
    }

    /** @param llama as the language model's files have it, without LAVIS's word for padding */
    Blip2VicunaInstructConfig config(LlamaConfig llama) {
        return new Blip2VicunaInstructConfig(
                vision.blip2(qformer, maxTxtLen),
                llama.withPadToken(),
                prompt,
                maxOutputTxtLen,
                qformerTextInput,
                Precision.FP16);
    }

    @Override
    public boolean isNew(String parameter) {
        return !parameter.startsWith(LLM_PREFIX) && QFormerKeys.isNew(parameter);
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
        return parameter.startsWith("llm_proj.")
                ? "it was trained with a language model of width %d: set llm_model to that one".formatted(found[0])
                : null;
    }
}
