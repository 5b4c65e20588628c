package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;

/**
 * The {@code config.json} of a folder. An absent key has Hugging Face's default; what our models do not have is an
 * error.
 *
 * @param file for messages
 * @param json its content
 */
record FolderConfig(Path file, ObjectNode json) {

    static final String NAME = "config.json";

    /** @throws IllegalArgumentException if its weights are not numbers in floating point */
    static FolderConfig of(Path folder) {
        var file = folder.resolve(NAME);
        var config = new FolderConfig(
                file,
                JsonFile.of(file, "the configuration in a folder that save_pretrained wrote")
                        .object());
        String quantization = "quantization_config";
        if (!config.at(quantization).isMissingNode()) {
            throw config.wrong(quantization, "none, as weights are read in floating point; save the model without it");
        }
        return config;
    }

    /** The class that the model was saved by; older files may not have it. */
    String architecture() {
        return json.path("architectures").path(0).asText("");
    }

    String modelType() {
        return json.path("model_type").asText("");
    }

    /** Configuration of the language model. */
    ObjectNode text() {
        return json.path("text_config") instanceof ObjectNode text ? text : json.objectNode();
    }

    /** The language model's {@code model_type}. */
    String textType() {
        return text().path("model_type").asText("opt");
    }

    /** Storage of the matrices: {@code dtype}, or {@code torch_dtype} in older files. */
    Precision precision() {
        String key = json.has("dtype") ? "dtype" : "torch_dtype";
        return switch (json.path(key).asText("float32")) {
            case "float32" -> Precision.FP32;
            case "float16" -> Precision.FP16;
            case "bfloat16" -> Precision.BF16;
            default -> throw wrong(key, "one of float32, float16, bfloat16");
        };
    }

    int imageSize() {
        return side("vision_config.image_size", 224);
    }

    /** Width of the features that {@code Blip2ForImageTextRetrieval} compares. */
    int embedDim() {
        return integer("image_text_hidden_size", 256);
    }

    /**
     * The half before the language model.
     *
     * @param maxTxtLen longest text, tokens, if the Q-Former has as many positions
     * @param readsText whether the Q-Former reads texts
     */
    Blip2Config blip2(int maxTxtLen, boolean readsText) {
        if (modelType().equals("blip-2")) {
            require("qformer_config.use_qformer_text_input", String.valueOf(readsText));
        }
        require("vision_config.hidden_act", "gelu");
        require("vision_config.qkv_bias", "true");
        requireNone("vision_config.attention_dropout");
        var vision = new EvaVitConfig(
                imageSize(),
                side("vision_config.patch_size", 14),
                integer("vision_config.hidden_size", 1408),
                integer("vision_config.num_hidden_layers", 39),
                integer("vision_config.num_attention_heads", 16),
                integer("vision_config.intermediate_size", 6144),
                0,
                number("vision_config.layer_norm_eps", 1e-6));
        var qformer = qformer(vision.embedDim());
        return new Blip2Config(
                vision,
                vision.layerNormEps(),
                qformer,
                readsText ? Math.min(maxTxtLen, qformer.maxPositions()) : maxTxtLen,
                true,
                false,
                precision());
    }

    private QFormerConfig qformer(int encoderWidth) {
        require("qformer_config.hidden_act", "gelu");
        require("qformer_config.position_embedding_type", "absolute");
        double dropout = number("qformer_config.hidden_dropout_prob", 0.1);
        if (number("qformer_config.attention_probs_dropout_prob", 0.1) != dropout) {
            throw wrong("qformer_config.attention_probs_dropout_prob", dropout + ", as hidden_dropout_prob");
        }
        return new QFormerConfig(
                integer("num_query_tokens", 32),
                integer("qformer_config.hidden_size", 768),
                integer("qformer_config.num_hidden_layers", 12),
                integer("qformer_config.num_attention_heads", 12),
                integer("qformer_config.intermediate_size", 3072),
                integer("qformer_config.cross_attention_frequency", 2),
                encoderWidth,
                integer("qformer_config.vocab_size", 30522),
                integer("qformer_config.max_position_embeddings", 512),
                number("qformer_config.layer_norm_eps", 1e-12),
                dropout);
    }

    private JsonNode at(String key) {
        JsonNode node = json;
        for (String part : key.split("\\.", -1)) {
            node = node.path(part);
        }
        return node.isNull() ? MissingNode.getInstance() : node;
    }

    private int integer(String key, int absent) {
        var found = at(key);
        if (!found.isMissingNode() && (!found.isInt() || found.asInt() < 1)) {
            throw wrong(key, "a whole number, 1 or more");
        }
        return found.asInt(absent);
    }

    private double number(String key, double absent) {
        var found = at(key);
        if (!found.isMissingNode() && !found.isNumber()) {
            throw wrong(key, "a number");
        }
        return found.asDouble(absent);
    }

    /** The side of a square, which may be written as two equal ones. */
    private int side(String key, int absent) {
        var found = at(key);
        if (found.isArray()
                && found.size() == 2
                && found.get(0).isInt()
                && found.get(0).equals(found.get(1))) {
            return found.get(0).asInt();
        }
        return integer(key, absent);
    }

    /** A value that our models have built in, where the file has the key at all. */
    void require(String key, String expected) {
        if (!at(key).asText(expected).equals(expected)) {
            throw wrong(key, expected);
        }
    }

    private void requireNone(String key) {
        if (number(key, 0) != 0) {
            throw wrong(key, "0, as our vision encoder has no dropout");
        }
    }

    IllegalArgumentException wrong(String key, String expected) {
        return new IllegalArgumentException(
                "%s: %s is %s, expected %s".formatted(file, key, JsonText.found(at(key)), expected));
    }
}
