package io.lavis4j.model.blip2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.llama.LlamaWeights;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds the model of a reference case from the sizes that stand in its files. */
public final class Blip2Case {

    private Blip2Case() {}

    /** The model with the case's weights, in eval mode. */
    public static Blip2Opt model(Golden golden, String prompt) {
        return model(golden, config(golden.json("expected.json"), prompt));
    }

    /** A model of another configuration of the same shape with the case's weights, in eval mode. */
    public static Blip2Opt model(Golden golden, Blip2OptConfig config) {
        var model = new Blip2Opt(config, tokenizer(golden), golden.device());
        model.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        model.eval();
        return model;
    }

    /** OPT as a model runs it after query outputs. */
    static FrozenOpt frozen(Blip2Opt model) {
        return (FrozenOpt) model.language();
    }

    /** Vicuna as a model runs it after query outputs. */
    static FrozenVicuna frozen(Blip2VicunaInstruct model) {
        return (FrozenVicuna) model.language();
    }

    /** T5 as a model runs it after query outputs. */
    static FrozenT5 frozen(Blip2ConditionalGeneration<?, T5> model) {
        return (FrozenT5) model.language();
    }

    /** OPT's tokenizer that belongs to a case. */
    public static Tokenizer tokenizer(Golden golden) {
        return Tokenizer.opt(
                GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("opt"));
    }

    /** The configuration of a case. */
    public static Blip2OptConfig config(JsonNode expected, String prompt) {
        return new Blip2OptConfig(
                blip2(expected),
                OptConfig.of(expected.get("config").get("opt")).withDropout(0),
                prompt,
                precision(expected));
    }

    /** The model of a case with Vicuna with the case's weights, in eval mode. */
    static Blip2VicunaInstruct vicuna(Golden golden, Blip2VicunaInstructConfig config) {
        var tokenizers = GoldenCases.sibling(golden.folder(), "j_tokenizers");
        var qformer = config.qformerTextInput() ? tokenizers.resolve("bert") : null;
        var model = Blip2VicunaInstruct.open(config, tokenizers.resolve("llama"), qformer, golden.device());
        var weights = golden.tensors("weights.safetensors");
        var llm = LlamaWeights.fit(Golden.under("llm_model.", weights), config.llama());
        llm.forEach((name, tensor) -> weights.put("llm_model." + name, tensor));
        if (config.qformerTextInput()) {
            model.load(weights).requireComplete(golden.name());
        } else {
            model.load(weights); // has the Q-Former's words, too
        }
        model.eval();
        return model;
    }

    /** The model with T5 with the case's weights, in eval mode. */
    public static Blip2T5 t5Model(Golden golden, Blip2T5Config config) {
        var model = Blip2T5.open(
                config, GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("t5"), golden.device());
        model.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        model.eval();
        return model;
    }

    /** The configuration of a case with Vicuna. */
    public static Blip2VicunaInstructConfig vicunaConfig(JsonNode expected) {
        var json = expected.get("config");
        var llama = ((ObjectNode) json.get("llama").deepCopy())
                .put("vocab_size", json.get("llm_pad_token_id").asInt()); // which comes after the file's words
        return new Blip2VicunaInstructConfig(
                blip2(expected),
                LlamaConfig.of(llama).withPadToken(),
                json.get("prompt").asText(),
                json.get("max_output_txt_len").asInt(),
                json.get("qformer_text_input").asBoolean(),
                precision(expected));
    }

    /** The configuration of a case with T5. */
    public static Blip2T5Config t5Config(JsonNode expected) {
        var json = expected.get("config");
        return new Blip2T5Config(
                blip2(expected), T5Config.of(json.get("t5")), json.get("prompt").asText(), precision(expected));
    }

    /** The configuration of a case with T5 and instructions. */
    static Blip2T5InstructConfig t5InstructConfig(JsonNode expected) {
        var json = expected.get("config");
        return new Blip2T5InstructConfig(
                blip2(expected),
                T5Config.of(json.get("t5")),
                json.get("prompt").asText(),
                json.get("max_output_txt_len").asInt(),
                json.get("qformer_text_input").asBoolean(),
                precision(expected));
    }

    /** The model of a case with T5 and instructions with the case's weights, in eval mode. */
    static Blip2T5Instruct t5Instruct(Golden golden, Blip2T5InstructConfig config) {
        var tokenizers = GoldenCases.sibling(golden.folder(), "j_tokenizers");
        var qformer = config.qformerTextInput() ? tokenizers.resolve("bert") : null;
        var model = Blip2T5Instruct.open(config, tokenizers.resolve("t5"), qformer, golden.device());
        model.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        model.eval();
        return model;
    }

    /** The first stage of a case with its weights, or those of its neighbour, in eval mode; its encoder is trained. */
    static Blip2Qformer stage1(Golden golden) {
        return stage1(golden, Precision.FP32);
    }

    /** The same, which a GPU computes in {@code precision}. */
    static Blip2Qformer stage1(Golden golden, Precision precision) {
        var expected = golden.json("expected.json");
        ((ObjectNode) expected.get("config")).put("freeze_vit", false);
        var config = new Blip2QformerConfig(
                blip2(expected), expected.get("config").get("embed_dim").asInt(), precision);
        var tokenizers = GoldenCases.sibling(golden.folder(), "j_tokenizers");
        var model = Blip2Qformer.open(config, tokenizers.resolve("bert"), golden.device());
        var weights = Golden.at(
                golden.has("weights.safetensors")
                        ? golden.folder()
                        : GoldenCases.sibling(golden.folder(), "e_blip2_qformer_stage1"));
        model.load(weights.tensors("weights.safetensors")).requireComplete(golden.name());
        model.eval();
        return model;
    }

    private static Precision precision(JsonNode expected) {
        return Precision.of(expected.get("config").path("precision").asText("fp32"));
    }

    /** The part of a case's configuration that every model has. */
    public static Blip2Config blip2(JsonNode expected) {
        var json = expected.get("config");
        var vision = vision(json, json.get("vit"));
        var q = json.get("qformer");
        var qformer = new QFormerConfig(
                json.get("num_query_token").asInt(),
                q.get("hidden_size").asInt(),
                q.get("num_hidden_layers").asInt(),
                q.get("num_attention_heads").asInt(),
                q.get("intermediate_size").asInt(),
                q.get("cross_attention_freq").asInt(),
                vision.numFeatures(),
                json.path("vocab_size").asInt(json.path("qformer_vocab_size").asInt(30523)),
                q.get("max_position_embeddings").asInt(),
                q.get("layer_norm_eps").asDouble(),
                q.get("hidden_dropout_prob").asDouble());
        return new Blip2Config(
                vision,
                json.get("ln_vision_eps").asDouble(),
                qformer,
                json.get("max_txt_len").asInt(),
                json.path("freeze_vit").asBoolean(true),
                false,
                Precision.FP32);
    }

    private static VisionEncoderConfig vision(JsonNode json, JsonNode vit) {
        int imageSize = json.get("image_size").asInt(),
                patchSize = json.get("patch_size").asInt();
        if (vit.get("kind").asText().equals("clip_L")) {
            return new ClipVitConfig(
                    imageSize,
                    patchSize,
                    vit.get("width").asInt(),
                    vit.get("layers").asInt(),
                    vit.get("heads").asInt());
        }
        return new EvaVitConfig(
                imageSize,
                patchSize,
                vit.get("embed_dim").asInt(),
                vit.get("depth").asInt(),
                vit.get("num_heads").asInt(),
                vit.get("mlp_hidden").asInt(),
                0,
                vit.get("layer_norm_eps").asDouble());
    }

    /** A search with the arguments that a case gives. */
    public static GenerationConfig generation(GenerationConfig config, JsonNode kwargs) {
        var result = config;
        for (var field : kwargs.properties()) {
            var value = field.getValue();
            result = switch (field.getKey()) {
                case "use_nucleus_sampling" -> result.withDoSample(value.asBoolean());
                case "num_beams" -> result.withNumBeams(value.asInt());
                case "max_length", "max_len" -> result.withMaxLength(value.asInt());
                case "min_length", "min_len" -> result.withMinLength(value.asInt());
                case "top_p" -> result.withTopP(value.asDouble());
                case "temperature" -> result.withTemperature(value.asDouble());
                case "repetition_penalty" -> result.withRepetitionPenalty(value.asDouble());
                case "length_penalty" -> result.withLengthPenalty(value.asDouble());
                case "num_captions" -> result.withNumReturnSequences(value.asInt());
                case "prompt" -> result;
                default -> throw new AssertionError("unknown argument " + field.getKey());
            };
        }
        return result;
    }

    /** Targets as the reference has them, (B, L): those of L - T queries and of padding are ignored. */
    static long[][] labels(Labelled texts, int L) {
        int T = texts.ids()[0].length;
        long[][] labels = new long[texts.ids().length][L];
        for (long[] row : labels) {
            Arrays.fill(row, CrossEntropy.IGNORE_INDEX);
        }
        for (int i = 0; i < texts.targets().length; i++) {
            int position = (int) texts.positions()[i];
            labels[position / T][L - T + position % T] = texts.targets()[i];
        }
        return labels;
    }

    /** A list of strings. */
    public static List<String> strings(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** A list of lists of ids. */
    public static long[][] ids(JsonNode rows) {
        long[][] ids = new long[rows.size()][];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = new long[rows.get(i).size()];
            for (int j = 0; j < ids[i].length; j++) {
                ids[i][j] = rows.get(i).get(j).asLong();
            }
        }
        return ids;
    }
}
