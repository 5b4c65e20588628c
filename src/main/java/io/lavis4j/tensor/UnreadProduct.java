package io.lavis4j.tensor;

import static org.bytedeco.pytorch.global.torch.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.jspecify.annotations.Nullable;

/**
 * Leaves the last product of a block out where the block runs again only to go backward from it: the gradients of a
 * dense layer take its input and weight, but not its output.
 *
 * <p>What stands for the output has its shape, dtype and gradients, but other values, unless {@link KeptProducts} has
 * them. In a block's forward only what ignores these in backward may follow: sums, dropout, drop path.
 *
 * <p>Dimensions: I inputs, O outputs, R rows of all.
 */
public final class UnreadProduct {

    private static final ThreadLocal<@Nullable Hooks> CURRENT = new ThreadLocal<>();

    private UnreadProduct() {}

    /** The hooks of one recomputation: libtorch keeps only their addresses, so they are closed after its backward. */
    static final class Hooks implements AutoCloseable {

        private final List<Pointer> kept = new ArrayList<>();

        /** Runs a block of this thread so that its last product is left out. */
        Tensor run(Supplier<Tensor> block) {
            return ThreadState.with(CURRENT, this, block);
        }

        private <P extends Pointer> P keep(P pointer) {
            kept.add(pointer.retainReference());
            return pointer;
        }

        @Override
        public void close() {
            kept.forEach(Pointer::close);
            kept.clear();
        }
    }

    /**
     * What stands for {@code x W^T + b} with its gradients, which are those of libtorch's layer bit for bit.
     *
     * @param x (..., I)
     * @param weight (O, I)
     * @param bias (O)
     * @return (..., O), in the dtype of {@code weight} or that of autocast; {@code null} where the product is needed
     */
    public static @Nullable Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias) {
        var hooks = CURRENT.get();
        if (hooks == null || !GradMode.is_enabled() || !x.requires_grad()) {
            return null;
        }
        var dtype = Autocast.dtype(weight);
        var input = x.to(dtype).alias(); // (..., I)
        var layer = hooks.keep(new OfInput(
                hooks.keep(input.detach()),
                hooks.keep(new Tensor(weight)),
                bias == null ? null : hooks.keep(new Tensor(bias))));
        input.register_hook(layer);
        long[] shape = x.shape();
        shape[shape.length - 1] = weight.size(0);
        var sums = input.sum(new long[] {-1}, true, new ScalarTypeOptional(dtype)); // else in float32 under autocast
        var output = sums.expand(shape); // (..., O)
        output.register_hook(hooks.keep(layer.ofOutput));
        return output;
    }

    /** Keeps the gradient of the output until that of the input is asked for. */
    private static final class OfOutput extends VoidTensorHook {

        private @Nullable Tensor gradient;

        @Override
        public void call(TensorBase output) {
            try (output) { // made for this call, in the scope of the step or, on a GPU's thread, in none
                gradient = new Tensor(output).retainReference();
            }
        }

        Tensor take() {
            if (gradient == null) {
                throw new IllegalStateException("the gradient of an input before that of the output");
            }
            var taken = gradient;
            gradient = null;
            return taken;
        }
    }

    /** Gives the gradient of the input its values, and weight and bias theirs. */
    private static final class OfInput extends VoidTensorHook {

        private final OfOutput ofOutput = new OfOutput();
        private final Tensor x;
        private final Tensor weight;
        private final @Nullable Tensor bias;

        /** A layer whose tensors whoever makes this closes after it. */
        OfInput(Tensor x, Tensor weight, @Nullable Tensor bias) {
            this.x = x;
            this.weight = weight;
            this.bias = bias;
        }

        @Override
        public void call(TensorBase input) {
            try (input;
                    var gradient = ofOutput.take();
                    var scope = new PointerScope();
                    var noGrad = new NoGradGuard()) {
                long in = weight.size(1), out = weight.size(0), R = x.numel() / in;
                var rows = gradient.reshape(R, out); // (R, O)
                input.set_data(mm(rows, weight.to(Tensors.dtype(x))).view(x.shape())); // (..., I)
                if (bias != null) {
                    backward(bias, Tensors.sum(rows, 0, false)); // (O)
                }
                if (weight.requires_grad()) {
                    backward(weight, mm(rows.t(), x.reshape(R, in))); // (O, I)
                }
            }
        }

        private static void backward(Tensor parameter, Tensor gradient) {
            if (parameter.requires_grad()) {
                var own = gradient.to(Tensors.dtype(parameter));
                parameter.backward(own, new BoolOptional(), false, new TensorArrayRefOptional());
            }
        }
    }
}
