package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Config;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2T5InstructConfig;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.blip2.Blip2VicunaInstructConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.llama.LlamaWeights;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.model.t5.T5Weights;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * A class of Hugging Face's and ours for the same models.
 *
 * @param <M> ours
 * @param name as {@code architectures} has it
 * @param modelType as {@code model_type} has it
 * @param textType the {@code model_type} of the language model; empty where there is none
 * @param model ours
 * @param names of the tensors
 * @param prefix of the language model's names here; empty where there is none
 * @param tables of the language model, one row for each word: under {@code prefix}
 * @param ties names under {@code prefix} of tensors that are another's, where a model has it so
 * @param open makes a model of a folder
 * @param fit from a language model's file to the names under {@code prefix}
 * @param config the {@code config.json} of a model
 * @param tokenizer opens the tokenizer of the language model, or of the Q-Former where there is none
 */
record ModelClass<M extends BaseModel>(
        String name,
        String modelType,
        String textType,
        Class<M> model,
        Names names,
        String prefix,
        List<String> tables,
        Map<String, String> ties,
        Open<M> open,
        BiFunction<Map<String, Tensor>, M, Map<String, Tensor>> fit,
        Function<M, ObjectNode> config,
        Function<Path, Tokenizer> tokenizer) {

    /** Makes a model with unset parameters. */
    interface Open<M> {
        M of(FolderConfig config, Path folder, Device device);
    }

    static final String QFORMER_TOKENIZER = "qformer_tokenizer";

    private static final String BLIP2 = "Blip2ForConditionalGeneration";
    private static final String INSTRUCT = "InstructBlipForConditionalGeneration";

    private static final List<String> T5_TABLES = List.of("shared.weight", "lm_head.weight");
    private static final Map<String, String> T5_TIES = Map.of(
            "encoder.embed_tokens.weight", "shared.weight",
            "decoder.embed_tokens.weight", "shared.weight");

    private static final ModelClass<Blip2Opt> OPT = new ModelClass<>(
            BLIP2,
            "blip-2",
            "opt",
            Blip2Opt.class,
            Names.opt(),
            "opt_model.",
            List.of("model.decoder.embed_tokens.weight"),
            Map.of("lm_head.weight", "model.decoder.embed_tokens.weight"),
            ModelClass::opt,
            (state, model) -> OptWeights.fit(state),
            ConfigJson::of,
            Tokenizer::opt);

    private static final ModelClass<Blip2T5> T5 = new ModelClass<>(
            BLIP2,
            "blip-2",
            "t5",
            Blip2T5.class,
            Names.t5(),
            "t5_model.",
            T5_TABLES,
            T5_TIES,
            (config, folder, device) -> Blip2T5.open(
                    new Blip2T5Config(config.blip2(32, false), T5Config.of(config.text()), "", config.precision()),
                    folder,
                    device),
            (state, model) -> T5Weights.fit(state, model.languageModel().config()),
            ConfigJson::of,
            Tokenizer::t5);

    private static final ModelClass<Blip2T5Instruct> INSTRUCT_T5 = new ModelClass<>(
            INSTRUCT,
            "instructblip",
            "t5",
            Blip2T5Instruct.class,
            Names.instructT5(),
            "t5_model.",
            T5_TABLES,
            T5_TIES,
            ModelClass::instructT5,
            (state, model) -> T5Weights.fit(state, model.config().t5()),
            ConfigJson::of,
            Tokenizer::t5);

    private static final ModelClass<Blip2VicunaInstruct> INSTRUCT_VICUNA = new ModelClass<>(
            INSTRUCT,
            "instructblip",
            "llama",
            Blip2VicunaInstruct.class,
            Names.instructVicuna(),
            "llm_model.",
            List.of("model.embed_tokens.weight", "lm_head.weight"),
            Map.of(),
            ModelClass::instructVicuna,
            (state, model) -> LlamaWeights.fit(state, model.languageModel().config()),
            ConfigJson::of,
            Tokenizer::vicuna);

    private static final ModelClass<Blip2Qformer> RETRIEVAL = new ModelClass<>(
            "Blip2ForImageTextRetrieval",
            "blip-2",
            "",
            Blip2Qformer.class,
            Names.retrieval(),
            "",
            List.of(),
            Map.of(),
            (config, folder, device) -> Blip2Qformer.open(
                    new Blip2QformerConfig(config.blip2(32, true), config.embedDim(), config.precision()),
                    folder,
                    device),
            (state, model) -> state,
            ConfigJson::of,
            Tokenizer::qformer);

    private static final List<ModelClass<?>> ALL = List.of(OPT, T5, INSTRUCT_T5, INSTRUCT_VICUNA, RETRIEVAL);

    private static Blip2Opt opt(FolderConfig config, Path folder, Device device) {
        config.require("text_config.tie_word_embeddings", "true");
        var shape = new Blip2OptConfig(config.blip2(32, false), OptConfig.of(config.text()), "", config.precision());
        return Blip2Opt.open(shape, folder, device);
    }

    private static Blip2T5Instruct instructT5(FolderConfig config, Path folder, Device device) {
        var shape = new Blip2T5InstructConfig(
                config.blip2(128, true), T5Config.of(config.text()), "", 256, true, config.precision());
        return Blip2T5Instruct.open(shape, folder, folder.resolve(QFORMER_TOKENIZER), device);
    }

    /** The tokenizer says what padding is: {@code text_config} of published folders has no id, or -1. */
    private static Blip2VicunaInstruct instructVicuna(FolderConfig config, Path folder, Device device) {
        var text = config.text().deepCopy();
        try (var tokenizer = Tokenizer.vicuna(folder)) {
            text.put("pad_token_id", (int) tokenizer.id(SpecialToken.PAD));
        }
        var shape = new Blip2VicunaInstructConfig(
                config.blip2(128, true), LlamaConfig.of(text), "", 256, true, config.precision());
        return Blip2VicunaInstruct.open(shape, folder, folder.resolve(QFORMER_TOKENIZER), device);
    }

    /**
     * The class of a folder's model.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static ModelClass<?> of(FolderConfig config) {
        String architecture = config.architecture();
        for (var each : ALL) {
            boolean named = architecture.isEmpty() ? each.hasLanguageModel() : architecture.equals(each.name);
            boolean sameText = !each.hasLanguageModel() || config.textType().equals(each.textType);
            if (named && sameText && config.modelType().equals(each.modelType)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "%s: expected architectures, model_type and text_config.model_type of one of %s, got %s, %s and %s"
                        .formatted(
                                config.file(),
                                ALL.stream().map(ModelClass::toString).toList(),
                                architecture.isEmpty() ? "no architectures" : architecture,
                                config.modelType().isEmpty() ? "none" : config.modelType(),
                                config.textType()));
    }

    /**
     * The class that a model of ours is saved as.
     *
     * @throws IllegalArgumentException if there is none
     */
    @SuppressWarnings("unchecked") // the class of the model is asked
    static <M extends BaseModel> ModelClass<M> of(M model) {
        return (ModelClass<M>) ALL.stream()
                .filter(each -> each.model.isInstance(model))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Hugging Face has no class for a %s; expected one of %s"
                        .formatted(
                                model.getClass().getSimpleName(),
                                ALL.stream().map(c -> c.model.getSimpleName()).toList())));
    }

    /** Whether the Q-Former of an instruct model has a tokenizer of its own. */
    boolean isInstruct() {
        return name.equals(INSTRUCT);
    }

    boolean hasLanguageModel() {
        return !textType.isEmpty();
    }

    /** Whether the tensor is never in a folder's weights: Hugging Face's class makes it anew, ties it, or lacks it. */
    boolean isNeverInFile(String lavis) {
        return isMadeAnew(lavis) || !tiedTo(lavis).isEmpty() || !hasPlace(lavis);
    }

    /** Whether the tensor is the same in all models of a shape. */
    boolean isMadeAnew(String lavis) {
        return lavis.endsWith(".position_ids") || lavis.endsWith(".rotary_emb.inv_freq");
    }

    /** The tensor whose other name this is; empty for one of its own. */
    String tiedTo(String lavis) {
        String tie = hasLanguageModel() && lavis.startsWith(prefix) ? ties.get(lavis.substring(prefix.length())) : null;
        return tie == null ? "" : prefix + tie;
    }

    /** How a tensor of a folder got its name here, in words. */
    String rule(String lavis) {
        if (FusedBias.fused(lavis).isPresent()) {
            return "split from " + FusedBias.RULE;
        }
        return names.toHuggingFace(lavis)
                .filter(renamed -> !isNeverInFile(lavis))
                .map(renamed -> "renamed %s to %s"
                        .formatted(renamed.row().huggingFace(), renamed.row().lavis()))
                .orElse(tiedTo(lavis).isEmpty() ? "from " + LavisTensors.FILE : "other tensors again");
    }

    /** Whether one of our tensors has a name in Hugging Face's class, alone or fused with others. */
    boolean hasPlace(String lavis) {
        return names.toHuggingFace(lavis).isPresent() || FusedBias.fused(lavis).isPresent();
    }

    @Override
    public String toString() {
        return hasLanguageModel()
                ? "%s (%s, %s)".formatted(name, modelType, textType)
                : "%s (%s)".formatted(name, modelType);
    }
}
