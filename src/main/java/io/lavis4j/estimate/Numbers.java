package io.lavis4j.estimate;

/**
 * Bytes of a number while a part computes.
 *
 * @param result in what a matrix product makes, r
 * @param stream in what blocks add to, s
 * @param dropped in a dropout's mask, m
 * @param fused whether attention is one kernel, which keeps no weights
 * @param onePass whether bias, activation and residual of a layer without gradients are part of its product
 */
record Numbers(int result, int stream, int dropped, boolean fused, boolean onePass) {

    static final int FLOAT = 4;
    static final int HALF = 2;
    private static final int MASK = 1;

    /** On a GPU, whose autocast computes in 16 bits. */
    static Numbers halfOnGpu(int stream) {
        return new Numbers(HALF, stream, MASK, true, false);
    }

    /** On a GPU without autocast. */
    static Numbers floatOnGpu() {
        return new Numbers(FLOAT, FLOAT, MASK, true, false);
    }

    /** On a CPU, which computes in the type of the weights; with bf16 ones attention is made of single operations. */
    static Numbers onCpu(int result, int stream) {
        return new Numbers(result, stream, result, result == FLOAT, result == FLOAT);
    }

    /** On a CPU, with dropout of attention's weights, which are kept then. */
    Numbers withDropout() {
        return new Numbers(result, stream, dropped, false, onePass);
    }

    /** What k matrix products of one float32 input keep of it: the input itself, or a copy in 16 bits each. */
    int inputs(int k) {
        return result == FLOAT ? FLOAT : k * result;
    }

    /** What a norm of the stream makes: its result, in float32 and in the stream's type, and its input in float32. */
    int norm() {
        return stream == FLOAT ? FLOAT : 2 * FLOAT + stream;
    }

    /**
     * What attention keeps of a weight, one for each row, key and head: in float32 itself, else its dropout, too, and
     * what is left of it.
     */
    long keptWeight() {
        return fused ? 0 : result == FLOAT ? FLOAT : FLOAT + 2L * result;
    }

    /** What attention makes of a weight: the score, the same scaled, the weight in float32 and as a result. */
    long madeWeight() {
        return fused ? 0 : FLOAT + 3L * result;
    }

    /** Results that layers, activations and sums make where nothing is kept, of {@code made} by single operations. */
    int results(int made) {
        return onePass ? 1 : made;
    }

    /** A copy of a layer's float32 input in 16 bits. */
    int cast() {
        return result == FLOAT ? 0 : result;
    }
}
