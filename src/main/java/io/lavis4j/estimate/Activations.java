package io.lavis4j.estimate;

/** Memory that a part takes for one batch, beside its weights, in bytes. */
interface Activations {

    /** Kept from forward until backward. */
    long kept();

    /** There at once in the largest block of a forward that keeps nothing. */
    long passing();

    /** There at once in the backward of one block: its tensors and their gradients. */
    default long backward() {
        return 2 * kept() / blocks();
    }

    /** Blocks, L. */
    int blocks();
}
