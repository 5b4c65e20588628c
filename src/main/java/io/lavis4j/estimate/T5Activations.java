package io.lavis4j.estimate;

import io.lavis4j.model.t5.T5Config;

/**
 * T5, frozen: gradients pass through decoder and encoder to the query outputs.
 *
 * @param inputs tokens that the encoder reads of a row, P
 * @param outputs tokens that the decoder reads of a row, T
 */
record T5Activations(T5Config shape, Numbers numbers, long rows, long inputs, long outputs)
        implements CachedActivations {

    private long inner() {
        return (long) shape.numHeads() * shape.dKv();
    }

    /**
     * Of a token in one attention: the norm's input, q, k, v, a dropout; of one kernel its result, else the weights.
     */
    private long attention(long keys) {
        long r = numbers.result();
        return (long) shape.dModel() * (Numbers.FLOAT + numbers.dropped())
                + inner() * (numbers.fused() ? 4 : 3) * r
                + shape.numHeads() * keys * numbers.keptWeight();
    }

    /** Of a token in one feed-forward block: the norm's input, both halves, the gate's result, two dropouts. */
    private long feedForward() {
        return (long) shape.dModel() * (Numbers.FLOAT + numbers.dropped())
                + (long) shape.dFf() * (3L * numbers.result() + numbers.dropped());
    }

    /** The mask that all blocks of the encoder share counts once. */
    @Override
    public long kept() {
        long mask = numbers.fused() ? shape.numHeads() * inputs * inputs * numbers.result() : 0;
        long encoder = shape.numLayers() * inputs * (attention(inputs) + feedForward());
        long crossKeys = inputs * 2 * inner() * numbers.result();
        long decoder = shape.numDecoderLayers()
                * (outputs * (attention(outputs) + attention(inputs) + feedForward()) + crossKeys);
        return rows * (mask + encoder + decoder);
    }

    /** Of the encoder, which has more tokens at once. */
    @Override
    public long passing() {
        long r = numbers.result(), D = shape.dModel();
        long norm = 3L * Numbers.FLOAT + 2 * r;
        long perToken = D * (3L * numbers.stream() + 2 * norm + 2 * r)
                + inner() * 5 * r
                + 4L * shape.dFf() * r
                + shape.numHeads() * inputs * (Numbers.FLOAT + r + numbers.madeWeight());
        return rows * inputs * perToken;
    }

    @Override
    public int blocks() {
        return shape.numLayers() + shape.numDecoderLayers();
    }

    /** In the decoder. */
    @Override
    public long cachedPerToken() {
        return 2L * numbers.result() * inner() * shape.numDecoderLayers();
    }
}
