package io.lavis4j.model.qformer;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.nn.Affine;
import io.lavis4j.nn.KeyValueCache;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One call of a Q-Former; what is {@code null} is left out.
 *
 * @param queryEmbeds queries (B, Q, D), in front of the text
 * @param inputIds text (B, T), int64
 * @param attentionMask 1 for rows that may be attended to, int64: (B, L) over cached rows, queries and text, or (B,
 *     rows, L); {@code null} for all
 * @param encoderHiddenStates image tokens (B, N, encoder width), needed with queries
 * @param encoderAffine what is still to be done to image tokens; {@code null} for nothing
 * @param encoderAttentionMask (B, N), int64; {@code null} for all
 * @param causal text rows see the queries and earlier text only; query rows see queries only
 * @param cache self-attention keys and values of earlier rows; new rows are appended
 * @param position of all text rows, of which each belongs to another caption; {@code null} where they are one text,
 *     which goes on after what is cached
 */
public record QFormerInput(
        @Nullable Tensor queryEmbeds,
        @Nullable Tensor inputIds,
        @Nullable Tensor attentionMask,
        @Nullable Tensor encoderHiddenStates,
        @Nullable Affine encoderAffine,
        @Nullable Tensor encoderAttentionMask,
        boolean causal,
        @Nullable KeyValueCache cache,
        @Nullable Long position) {

    public QFormerInput {
        require(queryEmbeds != null || inputIds != null, "a Q-Former needs queries, text or both");
    }

    /** Queries looking at an image: what BLIP-2 feeds to a language model. */
    public static QFormerInput queries(Tensor queryEmbeds, Tensor encoderHiddenStates) {
        return new QFormerInput(queryEmbeds, null, null, encoderHiddenStates, null, null, false, null, null);
    }

    /** Text alone, bidirectional. */
    public static QFormerInput text(Tensor inputIds, Tensor attentionMask) {
        return new QFormerInput(null, inputIds, attentionMask, null, null, null, false, null, null);
    }

    /** Queries and text together, bidirectional; {@code attentionMask} covers both. */
    public static QFormerInput queriesAndText(
            Tensor queryEmbeds, Tensor inputIds, Tensor attentionMask, Tensor encoderHiddenStates) {
        return new QFormerInput(
                queryEmbeds, inputIds, attentionMask, encoderHiddenStates, null, null, false, null, null);
    }

    /** Text that continues cached queries, causal; {@code attentionMask} covers cached rows and text. */
    public static QFormerInput caption(Tensor inputIds, @Nullable Tensor attentionMask, @Nullable KeyValueCache cache) {
        return new QFormerInput(null, inputIds, attentionMask, null, null, null, true, cache, null);
    }

    /**
     * The next token of each of a sample's captions, which stand side by side.
     *
     * @param inputIds (B, K)
     * @param visible (B, K, L), what each sees of cached rows and these; {@code null} for all
     */
    static QFormerInput written(Tensor inputIds, @Nullable Tensor visible, long position, KeyValueCache cache) {
        return new QFormerInput(null, inputIds, visible, null, null, null, false, cache, position);
    }

    /** This call with its keys and values kept. */
    public QFormerInput withCache(KeyValueCache cache) {
        return new QFormerInput(
                queryEmbeds,
                inputIds,
                attentionMask,
                encoderHiddenStates,
                encoderAffine,
                encoderAttentionMask,
                causal,
                cache,
                position);
    }

    /** This call of image tokens that something is still to be done to. */
    public QFormerInput withAffine(@Nullable Affine affine) {
        return new QFormerInput(
                queryEmbeds,
                inputIds,
                attentionMask,
                encoderHiddenStates,
                affine,
                encoderAttentionMask,
                causal,
                cache,
                position);
    }

    long queryLength() {
        return queryEmbeds == null ? 0 : queryEmbeds.size(1);
    }

    long textLength() {
        return inputIds == null ? 0 : inputIds.size(1);
    }

    long cachedLength() {
        return cache == null ? 0 : cache.length();
    }
}
