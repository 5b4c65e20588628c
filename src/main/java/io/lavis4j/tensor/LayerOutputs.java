package io.lavis4j.tensor;

import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Shows what layers compute, one after the other, to whoever searches among it; costs nothing otherwise. */
public final class LayerOutputs {

    private static final ThreadLocal<@Nullable BiConsumer<Tensor, Tensor>> WATCHER = new ThreadLocal<>();

    private LayerOutputs() {}

    /**
     * Passes an output on.
     *
     * @param weight of the layer, a parameter of the model
     */
    public static Tensor of(Tensor weight, Tensor output) {
        var watcher = WATCHER.get();
        if (watcher != null) {
            watcher.accept(weight, output);
        }
        Trace.layer(weight);
        return output;
    }

    /** Whether somebody searches among the layers of this thread, who is to see what each computes by itself. */
    static boolean areWatched() {
        return WATCHER.get() != null;
    }

    /**
     * Runs a computation of this thread.
     *
     * @param watcher gets weight and output of each layer
     */
    public static void watch(BiConsumer<Tensor, Tensor> watcher, Runnable computation) {
        WATCHER.set(watcher);
        try {
            computation.run();
        } finally {
            WATCHER.remove();
        }
    }
}
