package io.lavis4j.estimate;

import io.lavis4j.model.llama.LlamaConfig;

/**
 * LLaMA, frozen: gradients pass through it to the query outputs.
 *
 * @param tokens of a row, T
 * @param read of them, whose outputs are read
 */
record LlamaActivations(LlamaConfig shape, Numbers numbers, long rows, long tokens, long read)
        implements CachedActivations {

    /**
     * Of each block both norms' inputs, turned q and k, v, what attention makes of them, and the gate; of the last one,
     * after attention, those of the tokens that are read.
     */
    @Override
    public long kept() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.intermediateSize();
        long attention = D * (Numbers.FLOAT + 4 * r), rest = D * Numbers.FLOAT + 3 * F * r;
        return rows
                * (blocks() * tokens * attention + ((blocks() - 1) * tokens + read) * rest + read * D * Numbers.FLOAT);
    }

    /**
     * A norm is made of single operations: the input and its square in float32, the result in both types. What branches
     * add may be added by their products.
     */
    @Override
    public long passing() {
        long r = numbers.result(), D = shape.hiddenSize(), F = shape.intermediateSize();
        long norm = 3L * Numbers.FLOAT + 2 * r;
        return rows * tokens * (D * (3L * numbers.stream() + 2 * norm + (8 + numbers.results(4)) * r) + 4 * F * r);
    }

    @Override
    public int blocks() {
        return shape.numHiddenLayers();
    }

    @Override
    public long cachedPerToken() {
        return 2L * numbers.result() * shape.numKeyValueHeads() * shape.headDim() * blocks();
    }
}
