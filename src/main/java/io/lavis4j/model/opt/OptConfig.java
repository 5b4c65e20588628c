package io.lavis4j.model.opt;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFields;
import io.lavis4j.model.causal.CausalConfig;
import java.util.List;
import java.util.Map;

/**
 * Shape of an OPT model; components are the fields of its {@code config.json}.
 *
 * @param vocabSize rows of the word table, V
 * @param hiddenSize width of every layer, D
 * @param numHiddenLayers transformer blocks
 * @param numAttentionHeads attention heads, H; divides {@code hiddenSize}
 * @param ffnDim width inside the feed-forward block
 * @param maxPositionEmbeddings longest sequence, in tokens
 * @param wordEmbedProjDim width of the word table; where it differs from {@code hiddenSize}, projections join the two
 * @param doLayerNormBefore pre-norm; post-norm otherwise, as the 350m model
 * @param removeFinalLayerNorm no norm after the last block of a pre-norm model
 * @param dropout probability in training, after attention and feed-forward
 * @param padTokenId id of padding
 * @param bosTokenId id at the start of a generated sequence
 * @param eosTokenId id that ends a text
 */
public record OptConfig(
        int vocabSize,
        int hiddenSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int ffnDim,
        int maxPositionEmbeddings,
        int wordEmbedProjDim,
        boolean doLayerNormBefore,
        boolean removeFinalLayerNorm,
        double dropout,
        int padTokenId,
        int bosTokenId,
        int eosTokenId)
        implements CausalConfig {

    private static final int VOCAB = 50272;

    public OptConfig {
        require(
                hiddenSize % numAttentionHeads == 0,
                "hiddenSize must be divisible by numAttentionHeads, got %d and %d",
                hiddenSize,
                numAttentionHeads);
    }

    private static OptConfig preNorm(int hiddenSize, int layers, int heads) {
        return new OptConfig(
                VOCAB, hiddenSize, layers, heads, 4 * hiddenSize, 2048, hiddenSize, true, false, 0.1, 1, 2, 2);
    }

    /** Names of the published models, as the hub has them under {@code facebook/}. */
    public static List<String> published() {
        return List.of("opt-125m", "opt-350m", "opt-1.3b", "opt-2.7b", "opt-6.7b", "opt-13b", "opt-30b", "opt-66b");
    }

    /**
     * A published shape.
     *
     * @param name {@code facebook/opt-2.7b} or {@code opt-2.7b}, and the other sizes
     */
    public static OptConfig published(String name) {
        return switch (name.replaceFirst("^facebook/", "")) {
            case "opt-125m" -> preNorm(768, 12, 12);
            case "opt-350m" -> new OptConfig(VOCAB, 1024, 24, 16, 4096, 2048, 512, false, false, 0.1, 1, 2, 2);
            case "opt-1.3b" -> preNorm(2048, 24, 32);
            case "opt-2.7b" -> preNorm(2560, 32, 32);
            case "opt-6.7b" -> preNorm(4096, 32, 32);
            case "opt-13b" -> preNorm(5120, 40, 40);
            case "opt-30b" -> preNorm(7168, 48, 56);
            case "opt-66b" -> preNorm(9216, 64, 72);
            default ->
                throw new IllegalArgumentException(
                        "unknown OPT model \"%s\", expected one of %s".formatted(name, published()));
        };
    }

    /**
     * The shape that a Hugging Face {@code config.json} (or its {@code text_config}) describes; an absent field has
     * Hugging Face's default.
     *
     * @throws IllegalArgumentException if the file asks for a variant that OPT's published models do not have
     */
    public static OptConfig of(JsonNode json) {
        return JsonFields.of("OPT config", json)
                .requireIfPresent("activation_function", "relu")
                .requireIfPresent("enable_bias", "true")
                .requireIfPresent("layer_norm_elementwise_affine", "true")
                .orElse("word_embed_proj_dim", "hidden_size")
                .orElse("remove_final_layer_norm", "_remove_final_layer_norm")
                .read(published("opt-125m"));
    }

    /** This shape with another dropout probability. */
    public OptConfig withDropout(double probability) {
        return JsonFields.with(this, Map.of("dropout", probability));
    }
}
