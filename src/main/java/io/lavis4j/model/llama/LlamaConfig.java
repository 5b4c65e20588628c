package io.lavis4j.model.llama;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.lavis4j.io.JsonFields;
import io.lavis4j.model.causal.CausalConfig;
import java.util.List;
import java.util.Map;

/**
 * Shape of a LLaMA model; components are the fields of its {@code config.json}.
 *
 * @param vocabSize rows of the word table, V
 * @param hiddenSize width of every layer, D
 * @param intermediateSize width inside the feed-forward block
 * @param numHiddenLayers transformer blocks
 * @param numAttentionHeads attention heads, H
 * @param numKeyValueHeads heads of keys and values, K, each for H/K heads (arXiv:2305.13245); divides H
 * @param headDim width of a head, d, even
 * @param maxPositionEmbeddings longest sequence, in tokens
 * @param rmsNormEps added to the mean square
 * @param ropeTheta base of the rotary positions' frequencies
 * @param tieWordEmbeddings whether the head's weight is the word table
 * @param padTokenId id of padding
 * @param bosTokenId id at the start of a generated sequence
 * @param eosTokenId id that ends a text
 */
public record LlamaConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int numKeyValueHeads,
        int headDim,
        int maxPositionEmbeddings,
        double rmsNormEps,
        double ropeTheta,
        boolean tieWordEmbeddings,
        int padTokenId,
        int bosTokenId,
        int eosTokenId)
        implements CausalConfig {

    private static final int VOCAB = 32000;

    public LlamaConfig {
        require(
                numAttentionHeads % numKeyValueHeads == 0,
                "numAttentionHeads must be divisible by numKeyValueHeads, got %d and %d",
                numAttentionHeads,
                numKeyValueHeads);
        require(headDim % 2 == 0, "headDim must be even, as positions turn pairs of components, got %s", headDim);
    }

    /** Vicuna 7B v1.1 as its files have it, which is LLaMA 7B. */
    public static LlamaConfig vicuna7b() {
        return new LlamaConfig(VOCAB, 4096, 11008, 32, 32, 32, 128, 2048, 1e-6, 10000, false, 0, 1, 2);
    }

    /** Vicuna 13B v1.1 as its files have it, which is LLaMA 13B. */
    public static LlamaConfig vicuna13b() {
        return new LlamaConfig(VOCAB, 5120, 13824, 40, 40, 40, 128, 2048, 1e-6, 10000, false, 0, 1, 2);
    }

    /**
     * The shape that a Hugging Face {@code config.json} (or its {@code text_config}) describes; an absent field has
     * Hugging Face's default, an absent padding id is 0.
     *
     * @throws IllegalArgumentException if the file asks for a variant that is not LLaMA's of the paper, but for grouped
     *     heads of keys and values
     */
    public static LlamaConfig of(JsonNode json) {
        var fields = JsonFields.of("LLaMA config", json)
                .requireIfPresent("model_type", "llama")
                .requireIfPresent("hidden_act", "silu")
                .requireIfPresent("attention_bias", "false")
                .requireIfPresent("mlp_bias", "false")
                .orElse("num_key_value_heads", "num_attention_heads")
                .put("rope_theta", ropeTheta(json));
        if (fields.get("head_dim").isMissingNode()) {
            int D = json.path("hidden_size").asInt(4096),
                    H = json.path("num_attention_heads").asInt(32);
            require(
                    D % H == 0,
                    "LLaMA config: expected hidden_size divisible by num_attention_heads, or head_dim, got %d and %d",
                    D,
                    H);
            fields.put("head_dim", IntNode.valueOf(D / H));
        }
        var read = fields.read(vicuna7b());
        return read.padTokenId < 0 ? JsonFields.with(read, Map.of("pad_token_id", 0)) : read;
    }

    /** Newer files have the base among {@code rope_parameters}, where older ones had a scaling, if any. */
    private static JsonNode ropeTheta(JsonNode json) {
        for (String field : List.of("rope_scaling", "rope_parameters")) {
            var rope = json.path(field);
            String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
            require(
                    type.equals("default") || rope.path("factor").asDouble(0) == 1,
                    "LLaMA config: expected positions that are not scaled, got %s %s; use a model without scaling",
                    field,
                    rope);
        }
        return json.has("rope_theta")
                ? json.path("rope_theta")
                : json.path("rope_parameters").path("rope_theta");
    }

    /**
     * This shape with one word more, the last, for padding: LAVIS adds {@code [PAD]} to Vicuna's words. Its row is
     * random, so generation should {@linkplain io.lavis4j.generate.GenerationConfig#withSuppressTokens suppress} it.
     */
    public LlamaConfig withPadToken() {
        return JsonFields.with(this, Map.of("vocab_size", vocabSize + 1, "pad_token_id", vocabSize));
    }
}
