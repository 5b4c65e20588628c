package io.lavis4j.model.qformer;

import static io.lavis4j.io.Arguments.require;

/**
 * Shape of a Q-Former (BLIP-2, arXiv:2301.12597, section 3.1).
 *
 * @param numQueries learned query tokens, Q
 * @param hiddenSize width of every layer, D
 * @param numLayers transformer blocks
 * @param numHeads attention heads, H; divides {@code hiddenSize}
 * @param intermediateSize width inside the feed-forward blocks
 * @param crossAttentionFreq a block whose index is a multiple of this attends to the image
 * @param encoderWidth width of the image tokens
 * @param vocabSize words, V, the added {@code [DEC]} included
 * @param maxPositions longest text, in tokens
 * @param layerNormEps added to the variance
 * @param dropout probability in training, for hidden states and attention weights
 */
public record QFormerConfig(
        int numQueries,
        int hiddenSize,
        int numLayers,
        int numHeads,
        int intermediateSize,
        int crossAttentionFreq,
        int encoderWidth,
        int vocabSize,
        int maxPositions,
        double layerNormEps,
        double dropout) {

    public QFormerConfig {
        require(
                hiddenSize % numHeads == 0,
                "hiddenSize must be divisible by numHeads, got %d and %d",
                hiddenSize,
                numHeads);
        require(
                numQueries >= 1 && crossAttentionFreq >= 1,
                "numQueries and crossAttentionFreq must be positive, got %d and %d",
                numQueries,
                crossAttentionFreq);
    }

    /** The Q-Former of every published BLIP-2 checkpoint: BERT-base, with {@code [DEC]} added to the vocabulary. */
    public static QFormerConfig bertBase(int numQueries, int encoderWidth) {
        return new QFormerConfig(numQueries, 768, 12, 12, 3072, 2, encoderWidth, 30523, 512, 1e-12, 0.1);
    }

    /**
     * Ours, {@code qformer_model: small}: small enough to be trained from scratch on a CPU, with the words of
     * {@code lavis4j/qformer-small}.
     */
    public static QFormerConfig small(int numQueries, int encoderWidth) {
        return new QFormerConfig(numQueries, 64, 2, 4, 256, 2, encoderWidth, 234, 512, 1e-12, 0.1);
    }

    /** Whether the block attends to the image. */
    boolean crossAttends(int layer) {
        return layer % crossAttentionFreq == 0;
    }
}
