package io.lavis4j.estimate;

/**
 * Bytes of a number while a part computes.
 *
 * @param result in what a matrix product makes, r
 * @param stream in what blocks add to, s
 * @param dropped in a dropout's mask, m
 * @param fused whether attention is one kernel, which keeps no weights
 */
record Numbers(int result, int stream, int dropped, boolean fused) {

    static final int FLOAT = 4;
    static final int HALF = 2;
    private static final int MASK = 1;

    /** On a GPU, whose autocast computes in 16 bits. */
    static Numbers halfOnGpu(int stream) {
        return new Numbers(HALF, stream, MASK, true);
    }

    /** On a GPU without autocast. */
    static Numbers floatOnGpu() {
        return new Numbers(FLOAT, FLOAT, MASK, true);
    }

    /** On a CPU, which computes in the type of the weights; with bf16 ones attention is made of single operations. */
    static Numbers onCpu(int result, int stream) {
        return new Numbers(result, stream, result, result == FLOAT);
    }

    /** On a CPU, attention with dropout, which has no kernel of its own there. */
    Numbers withDropout() {
        return new Numbers(result, stream, dropped, dropped == MASK && fused);
    }

    /** What k matrix products of one float32 input keep of it: the input itself, or a copy in 16 bits each. */
    int inputs(int k) {
        return result == FLOAT ? FLOAT : k * result;
    }

    /** What a norm of the stream makes: its result, in float32 and in the stream's type, and its input in float32. */
    int norm() {
        return stream == FLOAT ? FLOAT : 2 * FLOAT + stream;
    }

    /** Attention's weights and their dropout, for each of the rows' keys and heads, until backward. */
    long keptWeights() {
        return fused ? 0 : FLOAT + 3L * result;
    }

    /** Scores, scaled ones and weights, for each of the rows' keys and heads, in one layer. */
    long passingWeights() {
        return fused ? 0 : FLOAT + 3L * result;
    }
}
