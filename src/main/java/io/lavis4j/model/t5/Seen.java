package io.lavis4j.model.t5;

import io.lavis4j.nn.KeyValueCache.Pair;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that attention looks at, and how: the same in every block of a stack.
 *
 * @param keys of a block
 * @param mask additive, position biases included, broadcast to (B, H, R/B T, M); {@code null} attends everywhere
 */
record Seen(Keys keys, @Nullable Tensor mask) {

    /** Keys and values of a block. */
    @FunctionalInterface
    interface Keys {

        /**
         * The pair that new tokens attend to.
         *
         * @param block index of the block
         * @param attention makes keys and values of states
         * @param x the new tokens, (R, T, D)
         * @return (B, H, M, d) each, where R is a multiple of B
         */
        Pair of(int block, T5Attention attention, Tensor x);
    }

    /** The tokens themselves. */
    static Seen themselves(@Nullable Tensor mask) {
        return new Seen((block, attention, x) -> attention.keysAndValues(x), mask);
    }

    /** Other tokens. */
    static Seen others(Tensor states, @Nullable Tensor mask) {
        return new Seen((block, attention, x) -> attention.keysAndValues(states), mask);
    }
}
