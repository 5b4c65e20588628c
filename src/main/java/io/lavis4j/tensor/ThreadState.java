package io.lavis4j.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What holds for the computations of a thread while a block of code runs. */
final class ThreadState {

    private ThreadState() {}

    /** Runs a computation with a value of {@code state}, which has its value before again afterwards. */
    static <S> Tensor with(ThreadLocal<@Nullable S> state, S value, Supplier<Tensor> computation) {
        var outer = state.get();
        state.set(value);
        try {
            return computation.get();
        } finally {
            state.set(outer);
        }
    }
}
