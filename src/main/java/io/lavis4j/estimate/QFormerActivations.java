package io.lavis4j.estimate;

import io.lavis4j.model.qformer.QFormerConfig;

/**
 * A Q-Former, trained, once over rows of queries and words.
 *
 * @param queries that stand in a row, Q
 * @param words that stand in a row, T
 * @param imageTokens that queries attend to, N
 */
record QFormerActivations(QFormerConfig shape, Numbers numbers, long rows, long queries, long words, long imageTokens)
        implements CachedActivations {

    private static final long STREAM = Numbers.FLOAT;

    @Override
    public long kept() {
        long perRow = 0;
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            perRow += selfAttention() + feedForward(2) + selfWeights();
            perRow += attendsToImages(layer) ? crossAttention() + crossWeights() : 0;
        }
        return rows * (perRow + embeddings());
    }

    private boolean attendsToImages(int layer) {
        return queries > 0 && layer % shape.crossAttentionFreq() == 0;
    }

    private long tokens() {
        return queries + words;
    }

    /** The sum before the norm, its result, a dropout. */
    private long embeddings() {
        return tokens() * shape.hiddenSize() * (2 * STREAM + numbers.dropped());
    }

    /** The inputs of four layers, q, k, v, a dropout, the sum before the norm. */
    private long selfAttention() {
        long r = numbers.result();
        return tokens() * shape.hiddenSize() * (numbers.inputs(3) + 3 * r + r + numbers.dropped() + STREAM);
    }

    private long selfWeights() {
        return shape.numHeads() * tokens() * tokens() * numbers.keptWeight();
    }

    /** Of the queries as in self-attention; of the image tokens the inputs of two layers, k and v. */
    private long crossAttention() {
        long r = numbers.result(), D = shape.hiddenSize(), E = shape.encoderWidth();
        long images = r == STREAM ? 0 : 2 * E * r;
        return queries * D * (numbers.inputs(1) + 2 * r + numbers.dropped() + STREAM)
                + imageTokens * (images + 2 * D * r);
    }

    private long crossWeights() {
        return shape.numHeads() * queries * imageTokens * numbers.keptWeight();
    }

    /** The input, a dropout, the sum before the norm, and so many results inside. */
    private long feedForward(int results) {
        return tokens() * shape.hiddenSize() * (numbers.inputs(1) + numbers.dropped() + STREAM)
                + tokens() * shape.intermediateSize() * (long) results * numbers.result();
    }

    /** Without dropout attention is one kernel. */
    @Override
    public long passing() {
        return rows * (selfAttention() + crossAttention() + feedForward(numbers.results(2)));
    }

    @Override
    public int blocks() {
        return shape.numLayers();
    }

    @Override
    public long cachedPerToken() {
        return 2L * numbers.result() * shape.hiddenSize() * blocks();
    }
}
