package io.lavis4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;

/**
 * Calls when gradients of parameters come: on the thread that goes backward, before they are added to the parameters.
 */
public final class GradientHooks implements AutoCloseable {

    private final List<Tensor> parameters;
    private final List<Arrival> hooks = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>(); // of the hooks, among those of their parameters

    /**
     * Hooks until {@link #close}.
     *
     * @param parameters that are trained; they stay the caller's
     * @param comes is given the number of a parameter
     */
    public GradientHooks(List<Tensor> parameters, IntConsumer comes) {
        this.parameters = List.copyOf(parameters);
        for (int i = 0; i < parameters.size(); i++) {
            var hook = new Arrival(i, comes);
            hook.retainReference(); // libtorch keeps only its address
            hooks.add(hook);
            positions.add(parameters.get(i).register_hook(hook));
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < hooks.size(); i++) {
            parameters.get(i).remove_hook(positions.get(i));
            hooks.get(i).close();
        }
        hooks.clear();
    }

    /** The gradient hook of a parameter. */
    private static final class Arrival extends VoidTensorHook {

        private final int index;
        private final IntConsumer comes;

        Arrival(int index, IntConsumer comes) {
            this.index = index;
            this.comes = comes;
        }

        @Override
        public void call(TensorBase gradient) {
            try (gradient) { // made for this call
                comes.accept(index);
            }
        }
    }
}
