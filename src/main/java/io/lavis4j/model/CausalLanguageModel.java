package io.lavis4j.model;

import io.lavis4j.generate.Decoder;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only language model that takes word vectors, so that other vectors can stand before a text's words.
 *
 * <p>Dimensions: B rows, T tokens, P tokens of a prefix, R rows after a prefix, W width of the word table, V
 * vocabulary.
 */
public interface CausalLanguageModel {

    /**
     * Word vectors.
     *
     * @param ids (B, T), int64
     * @return (B, T, W)
     */
    Tensor embed(Tensor ids);

    /**
     * Hidden states after the last norm. Positions count real tokens only, wherever padding stands; the states of
     * padding have no meaning.
     *
     * @param inputsEmbeds (B, T, W)
     * @param attentionMask (B, T), int64, 1 for real tokens; {@code null} where padding, if any, is on the right: no
     *     real token sees it
     * @return (B, T, W)
     */
    Tensor forward(Tensor inputsEmbeds, @Nullable Tensor attentionMask);

    /**
     * The same of the tokens that are read alone; a model may leave out what the others take in its last block.
     *
     * @param inputsEmbeds (B, T, W)
     * @param attentionMask (B, T), int64, 1 for real tokens; {@code null} where padding, if any, is on the right
     * @param read (n), int64, the tokens (b, t) as b T + t
     * @return (n, W)
     */
    default Tensor forward(Tensor inputsEmbeds, @Nullable Tensor attentionMask, Tensor read) {
        return forward(inputsEmbeds, attentionMask).flatten(0, 1).index_select(0, read); // (n, W)
    }

    /**
     * Scores of the next word.
     *
     * @param hidden (..., W)
     * @return (..., V)
     */
    Tensor logits(Tensor hidden);

    /**
     * Generation after prefixes.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens; {@code null} where all are
     */
    Decoder decoder(Tensor inputsEmbeds, @Nullable Tensor attentionMask);

    /**
     * One prefix that any number of known texts continue; it is run once.
     *
     * @param inputsEmbeds (1, P, W), without padding
     */
    Prefix prefix(Tensor inputsEmbeds);

    /** A prefix whose keys and values are kept; closed by whoever asked for it. */
    interface Prefix extends AutoCloseable {

        /** The hidden state that predicts a text's first token, (1, W); owned by this prefix. */
        Tensor last();

        /**
         * Runs texts after the prefix. Texts of different lengths are padded on the right with any token.
         *
         * @param ids (R, T), int64
         * @return hidden states after the last norm, (R, T, W)
         */
        Tensor forward(Tensor ids);

        /**
         * The same of the tokens that are read alone.
         *
         * @param ids (R, T), int64
         * @param read (n), int64, the tokens (r, t) as r T + t
         * @return (n, W)
         */
        default Tensor forward(Tensor ids, Tensor read) {
            return forward(ids).flatten(0, 1).index_select(0, read); // (n, W)
        }

        @Override
        void close();
    }

    /** Words, V. */
    int vocabSize();

    /** The token that fills rows up; not a target. */
    int padTokenId();
}
