package io.lavis4j.model.t5;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFields;
import java.util.Map;

/**
 * Shape of a T5 model with a gated feed-forward block; components are the fields of its {@code config.json}.
 *
 * @param vocabSize rows of the word table, V
 * @param dModel width of every layer, D
 * @param dKv width of a head, d
 * @param dFf width inside the feed-forward block
 * @param numLayers blocks of the encoder
 * @param numDecoderLayers blocks of the decoder
 * @param numHeads attention heads, H; {@code H d} need not be D
 * @param relativeAttentionNumBuckets classes of distances, each with a bias per head; even
 * @param relativeAttentionMaxDistance in tokens, from which all distances are one class
 * @param dropoutRate probability in training
 * @param layerNormEpsilon added to the mean square
 * @param denseActFn activation of the feed-forward block's gate
 * @param tieWordEmbeddings whether the head's weight is the word table, on states that are scaled by {@code D^-0.5}
 * @param padTokenId id of padding
 * @param eosTokenId id that ends a text
 * @param decoderStartTokenId id that the decoder reads first
 */
public record T5Config(
        int vocabSize,
        int dModel,
        int dKv,
        int dFf,
        int numLayers,
        int numDecoderLayers,
        int numHeads,
        int relativeAttentionNumBuckets,
        int relativeAttentionMaxDistance,
        double dropoutRate,
        double layerNormEpsilon,
        DenseActFn denseActFn,
        boolean tieWordEmbeddings,
        int padTokenId,
        int eosTokenId,
        int decoderStartTokenId) {

    /** The two forms of GELU (arXiv:1606.08415). */
    public enum DenseActFn {
        /** By the error function, {@code gelu}: LAVIS's choice. */
        GELU,
        /** By the hyperbolic tangent, {@code gelu_new}: Hugging Face's meaning of {@code gated-gelu}. */
        GELU_NEW
    }

    private static final int VOCAB = 32128;
    private static final T5Config DEFAULTS =
            new T5Config(VOCAB, 512, 64, 2048, 6, 6, 8, 32, 128, 0.1, 1e-6, DenseActFn.GELU_NEW, true, 0, 1, 0);

    public T5Config {
        require(
                relativeAttentionNumBuckets >= 4 && relativeAttentionNumBuckets % 2 == 0,
                "relativeAttentionNumBuckets must be even and at least 4, half of them for each direction, got %d",
                relativeAttentionNumBuckets);
        require(
                relativeAttentionMaxDistance > relativeAttentionNumBuckets / 2,
                "relativeAttentionMaxDistance must be above half of the %d buckets, which are for single distances, got %d",
                relativeAttentionNumBuckets,
                relativeAttentionMaxDistance);
    }

    private static T5Config flan(int dModel, int dFf, int heads) {
        return new T5Config(
                VOCAB, dModel, 64, dFf, 24, 24, heads, 32, 128, 0.1, 1e-6, DenseActFn.GELU_NEW, false, 0, 1, 0);
    }

    /** Flan-T5 XL as its file has it. */
    public static T5Config flanT5Xl() {
        return flan(2048, 5120, 32);
    }

    /** Flan-T5 XXL as its file has it. */
    public static T5Config flanT5Xxl() {
        return flan(4096, 10240, 64);
    }

    /**
     * The shape that a Hugging Face {@code config.json} (or its {@code text_config}) describes; an absent field has
     * Hugging Face's default. {@code scale_decoder_outputs}, where a file has it, says whether the head is tied: files
     * that have it call every head so.
     *
     * @throws IllegalArgumentException if the file asks for another feed-forward block than version 1.1's
     */
    public static T5Config of(JsonNode json) {
        String type = json.path("model_type").asText("t5");
        String forward = json.path("feed_forward_proj").asText("relu");
        if (!type.equals("t5") || !forward.equals("gated-gelu")) {
            throw new IllegalArgumentException(
                    "T5 config: expected model_type t5 and feed_forward_proj gated-gelu, got %s and %s; use a T5 of version 1.1, such as Flan-T5"
                            .formatted(type, forward));
        }
        return JsonFields.of("T5 config", json)
                .orElse("num_decoder_layers", "num_layers")
                .put("tie_word_embeddings", json.path("scale_decoder_outputs"))
                .read(DEFAULTS);
    }

    /** This shape with another activation, as LAVIS changes it to {@link DenseActFn#GELU}. */
    public T5Config withDenseActFn(DenseActFn function) {
        return JsonFields.with(this, Map.of("dense_act_fn", function));
    }
}
