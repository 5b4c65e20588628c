package io.lavis4j.estimate;

import io.lavis4j.model.opt.OptConfig;

/**
 * OPT, frozen: gradients pass through it to the query outputs.
 *
 * @param tokens of a row, T
 */
record OptActivations(OptConfig shape, Numbers numbers, long rows, long tokens) implements CachedActivations {

    /** Of each block both norms' inputs, q, k, v and what attention makes of them, its mask, two dropouts, the ReLU. */
    @Override
    public long kept() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.ffnDim();
        long perToken = D * (2L * numbers.stream() + 4 * r + 2L * numbers.dropped()) + F * r + tokens * r;
        return rows * tokens * (blocks() * perToken + D * numbers.stream());
    }

    /** Norms are stored in the stream's type and convert nothing. */
    @Override
    public long passing() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.ffnDim();
        return rows * tokens * (D * (5L * numbers.stream() + 6 * r) + 2 * F * r + tokens * r);
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
