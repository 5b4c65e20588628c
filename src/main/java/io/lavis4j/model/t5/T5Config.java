package io.lavis4j.model.t5;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;

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

    public T5Config {
        if (relativeAttentionNumBuckets < 4 || relativeAttentionNumBuckets % 2 != 0) {
            throw new IllegalArgumentException(
                    "relativeAttentionNumBuckets must be even and at least 4, as the encoder has half of them for each"
                            + " direction, got " + relativeAttentionNumBuckets);
        }
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
        int numLayers = json.path("num_layers").asInt(6);
        return new T5Config(
                json.path("vocab_size").asInt(VOCAB),
                json.path("d_model").asInt(512),
                json.path("d_kv").asInt(64),
                json.path("d_ff").asInt(2048),
                numLayers,
                json.path("num_decoder_layers").asInt(numLayers),
                json.path("num_heads").asInt(8),
                json.path("relative_attention_num_buckets").asInt(32),
                json.path("relative_attention_max_distance").asInt(128),
                json.path("dropout_rate").asDouble(0.1),
                json.path("layer_norm_epsilon").asDouble(1e-6),
                denseActFn(json),
                json.path("scale_decoder_outputs")
                        .asBoolean(json.path("tie_word_embeddings").asBoolean(true)),
                json.path("pad_token_id").asInt(0),
                json.path("eos_token_id").asInt(1),
                json.path("decoder_start_token_id").asInt(0));
    }

    private static DenseActFn denseActFn(JsonNode json) {
        String name = json.path("dense_act_fn").asText("gelu_new");
        return switch (name) {
            case "gelu" -> DenseActFn.GELU;
            case "gelu_new" -> DenseActFn.GELU_NEW;
            default ->
                throw new IllegalArgumentException("T5 config: expected dense_act_fn gelu or gelu_new, got " + name);
        };
    }

    /** This shape with another activation, as LAVIS changes it to {@link DenseActFn#GELU}. */
    public T5Config withDenseActFn(DenseActFn function) {
        return new T5Config(
                vocabSize,
                dModel,
                dKv,
                dFf,
                numLayers,
                numDecoderLayers,
                numHeads,
                relativeAttentionNumBuckets,
                relativeAttentionMaxDistance,
                dropoutRate,
                layerNormEpsilon,
                function,
                tieWordEmbeddings,
                padTokenId,
                eosTokenId,
                decoderStartTokenId);
    }
}
