package io.lavis4j.generate;

import org.bytedeco.pytorch.Tensor;

/**
 * A language model that was given B prefixes, as beam search and sampling need it.
 *
 * <p>The prefix of a sample is run once; any number of rows continue it, grouped by sample: row r of R continues sample
 * {@code r / (R / B)}.
 */
public interface Decoder extends AutoCloseable {

    /** Runs the prefixes and returns the logits of the first new token, (B, V); called once, before any step. */
    Tensor prefill();

    /**
     * Appends one token to every row and returns the logits of the next.
     *
     * @param tokens one id per row; the number of rows R is a multiple of B and the same in every step
     * @return (R, V)
     */
    Tensor step(long[] tokens);

    /**
     * Makes row i continue what row {@code rows[i]} of the same sample has generated so far; called only when a row
     * moves.
     */
    void reorder(long[] rows);

    /** Frees the cache. */
    @Override
    void close();
}
