package io.lavis4j.estimate;

import io.lavis4j.model.opt.OptConfig;

/**
 * OPT, frozen: gradients pass through it to the query outputs.
 *
 * @param tokens of a row, T
 * @param read of them, whose outputs are read
 */
record OptActivations(OptConfig shape, Numbers numbers, long rows, long tokens, long read)
        implements CachedActivations {

    /**
     * Of each block both norms' inputs, q, k, v and what attention makes of them, two dropouts, the ReLU; of the last
     * one, after attention, those of the tokens that are read.
     */
    @Override
    public long kept() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.ffnDim();
        long attention = D * (numbers.stream() + 4 * r);
        long rest = D * (numbers.stream() + 2L * numbers.dropped()) + F * r;
        return rows
                * (blocks() * tokens * attention
                        + ((blocks() - 1) * tokens + read) * rest
                        + read * D * numbers.stream());
    }

    /** Norms are stored in the stream's type and convert nothing; what branches add may be added by their products. */
    @Override
    public long passing() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.ffnDim();
        return rows
                * tokens
                * (D * (5L * numbers.stream() + (3 + numbers.results(3)) * r) + numbers.results(2) * F * r);
    }

    @Override
    public int blocks() {
        return shape.numHiddenLayers();
    }

    @Override
    public long cachedPerToken() {
        return 2L * numbers.result() * shape.hiddenSize() * blocks();
    }
}
