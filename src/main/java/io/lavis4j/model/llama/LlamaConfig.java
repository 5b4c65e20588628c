package io.lavis4j.model.llama;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.model.causal.CausalConfig;

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

    private static LlamaConfig published(int hiddenSize, int intermediateSize, int layers, int heads) {
        return new LlamaConfig(
                VOCAB,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                heads,
                hiddenSize / heads,
                2048,
                1e-6,
                10000,
                false,
                0,
                1,
                2);
    }

    /** Vicuna 7B v1.1 as its files have it, which is LLaMA 7B. */
    public static LlamaConfig vicuna7b() {
        return published(4096, 11008, 32, 32);
    }

    /** Vicuna 13B v1.1 as its files have it, which is LLaMA 13B. */
    public static LlamaConfig vicuna13b() {
        return published(5120, 13824, 40, 40);
    }

    /**
     * The shape that a Hugging Face {@code config.json} (or its {@code text_config}) describes; an absent field has
     * Hugging Face's default, an absent padding id is 0.
     *
     * @throws IllegalArgumentException if the file asks for a variant that is not LLaMA's of the paper, but for grouped
     *     heads of keys and values
     */
    public static LlamaConfig of(JsonNode json) {
        require(json, "model_type", "llama");
        require(json, "hidden_act", "silu");
        require(json, "attention_bias", "false");
        require(json, "mlp_bias", "false");
        int hiddenSize = json.path("hidden_size").asInt(4096);
        int heads = json.path("num_attention_heads").asInt(32);
        int headDim = json.path("head_dim").isInt() ? json.path("head_dim").asInt() : evenShare(hiddenSize, heads);
        return new LlamaConfig(
                json.path("vocab_size").asInt(VOCAB),
                hiddenSize,
                json.path("intermediate_size").asInt(11008),
                json.path("num_hidden_layers").asInt(32),
                heads,
                json.path("num_key_value_heads").asInt(heads),
                headDim,
                json.path("max_position_embeddings").asInt(2048),
                json.path("rms_norm_eps").asDouble(1e-6),
                ropeTheta(json),
                json.path("tie_word_embeddings").asBoolean(false),
                Math.max(0, id(json, "pad_token_id", 0)),
                id(json, "bos_token_id", 1),
                id(json, "eos_token_id", 2));
    }

    private static int evenShare(int hiddenSize, int heads) {
        require(
                hiddenSize % heads == 0,
                "LLaMA config: expected hidden_size divisible by num_attention_heads, or head_dim, got %d and %d",
                hiddenSize,
                heads);
        return hiddenSize / heads;
    }

    private static void require(JsonNode json, String field, String expected) {
        String found = json.path(field).asText(expected);
        require(found.equals(expected), "LLaMA config: expected %s %s, got %s", field, expected, found);
    }

    private static int id(JsonNode json, String field, int absent) {
        var found = json.path(field);
        require(
                found.isMissingNode() || found.isNull() || found.isInt(),
                "LLaMA config: expected %s as one id, got %s",
                field,
                found);
        return found.asInt(absent);
    }

    /** Newer files have the base among {@code rope_parameters}, where older ones had a scaling, if any. */
    private static double ropeTheta(JsonNode json) {
        for (String field : new String[] {"rope_scaling", "rope_parameters"}) {
            var rope = json.path(field);
            String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
            if (!type.equals("default") && rope.path("factor").asDouble(0) != 1) {
                throw new IllegalArgumentException(
                        "LLaMA config: expected positions that are not scaled, got %s %s; use a model without scaling"
                                .formatted(field, rope));
            }
        }
        double theta = json.path("rope_parameters").path("rope_theta").asDouble(10000);
        return json.path("rope_theta").asDouble(theta);
    }

    /**
     * This shape with one word more, the last, for padding: LAVIS adds {@code [PAD]} to Vicuna's words. Its row is
     * random, so generation should {@linkplain io.lavis4j.generate.GenerationConfig#withSuppressTokens suppress} it.
     */
    public LlamaConfig withPadToken() {
        return new LlamaConfig(
                vocabSize + 1,
                hiddenSize,
                intermediateSize,
                numHiddenLayers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                maxPositionEmbeddings,
                rmsNormEps,
                ropeTheta,
                tieWordEmbeddings,
                vocabSize,
                bosTokenId,
                eosTokenId);
    }
}
