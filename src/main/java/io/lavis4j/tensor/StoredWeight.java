package io.lavis4j.tensor;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.mm_out;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A layer's weight that is not trained and stored in fewer bits than it is multiplied in: bfloat16, or int8 with a step
 * for each row (arXiv:2208.07339, section 2.1). What it is multiplied with keeps its type, or has autocast's.
 *
 * <p>On a CPU products of few rows read the weight as it lies; others widen a part of it that stays in the cache,
 * multiply, and go on with the next. On a GPU the whole weight is widened for each product. Nothing that is widened
 * outlives its product: for its gradient it is widened again.
 *
 * <p>Dimensions: R rows, I inputs, O outputs.
 */
public final class StoredWeight implements AutoCloseable {

    /** Up to so many rows, the most of the library, reading the weight as it lies is faster than widening it. */
    private static final long FEW_ROWS = 64;

    /** Numbers of a part that is widened at once on a CPU. */
    private static final long PART = 1 << 19;

    private static final double LARGEST = 127; // of int8, so that a row's numbers are as far from 0 on both sides

    private final Tensor weight;
    private final @Nullable Tensor scale;
    private @Nullable VoidTensorHook gradient;

    /**
     * A weight that its module owns.
     *
     * @param weight (O, I)
     * @param scale (O), float32, by which rows are multiplied; {@code null} for 1
     */
    public StoredWeight(Tensor weight, @Nullable Tensor scale) {
        this.weight = weight;
        this.scale = scale;
    }

    /**
     * Rounds each row to int8, in steps of a 127th of its largest number.
     *
     * @param name of the parameter, for errors
     * @param values (O, I), floating point
     * @param weight gets the whole numbers as its data, (O, I), on its device
     * @param scale gets the steps, (O), float32
     * @throws IllegalArgumentException if a row has a number that is not finite; weight and scale stay as they were
     */
    public static void quantize(String name, Tensor values, Tensor weight, Tensor scale) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var wide = values.detach().to(weight.device(), ScalarType.Float);
            var steps = wide.abs()
                    .amax(new long[] {1}, true)
                    .div_(Tensors.scalar(LARGEST))
                    .clamp_min(Tensors.scalar((double) Float.MIN_NORMAL)); // (O, 1); rows of zeros stay zeros
            var odd = steps.isfinite().logical_not(); // (O, 1); the largest of a row with NaN is NaN
            if (odd.any().item_bool()) {
                throw new IllegalArgumentException(
                        "%s: row %d has NaN or infinity, expected finite numbers, as int8 has no others; load weights without them, or store them in bf16 or fp32"
                                .formatted(name, odd.to(ScalarType.Int).argmax().item_long()));
            }
            weight.set_data(wide.div(steps).round_().to(ScalarType.Char));
            scale.set_data(steps.squeeze(1));
        }
    }

    /**
     * {@code x W^T + b}.
     *
     * @param x (..., I)
     * @param bias (O), not trained
     * @return (..., O), in the type of {@code x} unless autocast decides; not to be changed in place where {@code x}
     *     needs a gradient
     */
    public Tensor product(Tensor x, @Nullable Tensor bias) {
        var dtype = Autocast.dtype(x);
        var input = Tensors.to(x, dtype);
        if (scale == null && Tensors.dtype(weight) == dtype) {
            return linear(input, weight, Tensors.optional(bias == null ? null : Tensors.to(bias, dtype)));
        }
        if (!GradMode.is_enabled() || !input.requires_grad()) {
            return multiply(input, bias);
        }
        return withGradient(input, bias);
    }

    /**
     * libtorch's graph takes no function from here. So its part is a function that hands gradients of outputs on,
     * beside those of inputs, which a hook then computes: zeros after the inputs, and these zeros alone.
     */
    private Tensor withGradient(Tensor x, @Nullable Tensor bias) {
        long in = weight.size(1), out = weight.size(0);
        var both = constant_pad_nd(x, 0, out); // (..., I + O)
        both.register_hook(gradient());
        var y = both.narrow(-1, in, out); // (..., O)
        try (var noGrad = new NoGradGuard()) {
            y.set_data(multiply(x.detach(), bias));
            both.set_data(empty(new long[] {0}, x.options(), null));
        }
        return y;
    }

    private VoidTensorHook gradient() {
        if (gradient == null) {
            gradient = new InputGradient().retainReference(); // libtorch keeps only its address
        }
        return gradient;
    }

    /** Adds to the gradients of inputs and outputs side by side, (..., I + O), what those of outputs are for inputs. */
    private final class InputGradient extends VoidTensorHook {

        @Override
        public void call(TensorBase inputsAndOutputs) {
            try (inputsAndOutputs; // made for this call, in the scope of the step or, on a GPU's thread, in none
                    var scope = new PointerScope();
                    var noGrad = new NoGradGuard()) {
                long in = weight.size(1), out = weight.size(0);
                var all = new Tensor(inputsAndOutputs);
                var both = all.view(all.numel() / (in + out), in + out); // (R, I + O)
                var ofInputs = both.narrow(1, 0, in); // (R, I)
                var ofOutputs = both.narrow(1, in, out); // (R, O)
                forEachPart(
                        Tensors.dtype(both),
                        (first, part) -> ofInputs.addmm_(ofOutputs.narrow(1, first, part.size(0)), part));
            }
        }
    }

    private Tensor multiply(Tensor x, @Nullable Tensor bias) {
        var dtype = Tensors.dtype(x);
        var input = contiguous(x);
        var added = bias == null ? null : Tensors.to(bias, dtype);
        long[] shape = x.shape();
        shape[shape.length - 1] = weight.size(0);
        var y = empty(shape, x.options(), null); // (..., O)
        if (isRead(input)) {
            read(input, added, y);
            return y;
        }
        var rows = input.view(-1, weight.size(1)); // (R, I)
        var columns = y.view(-1, weight.size(0)); // (R, O)
        forEachPart(dtype, (first, part) -> mm_out(columns.narrow(1, first, part.size(0)), rows, part.t()));
        return added == null ? y : y.add_(added);
    }

    /** Whether the weight is read as it lies in a product with these rows. */
    private boolean isRead(Tensor x) {
        long R = x.numel() / weight.size(1);
        var stored = Tensors.dtype(weight);
        return x.is_cpu()
                && 0 < R
                && R <= FEW_ROWS
                && Tensors.dtype(x) == ScalarType.Float
                && (stored == ScalarType.Char || stored == ScalarType.BFloat16)
                && StoredLibrary.isLoaded();
    }

    private void read(Tensor input, @Nullable Tensor bias, Tensor y) {
        long in = weight.size(1), out = weight.size(0), R = input.numel() / in;
        long w = address(contiguous(weight)), x = address(input), to = address(y);
        long steps = scale == null ? 0 : address(Tensors.to(scale, ScalarType.Float));
        long b = bias == null ? 0 : address(contiguous(bias));
        int threads = torch.get_num_threads();
        if (Tensors.dtype(weight) == ScalarType.Char) {
            StoredLibrary.int8(w, R, out, in, x, steps, b, to, threads);
        } else {
            StoredLibrary.bf16(w, R, out, in, x, steps, b, to, threads);
        }
    }

    private static Tensor contiguous(Tensor tensor) {
        return tensor.is_contiguous() ? tensor : tensor.contiguous();
    }

    /** Where a tensor's first number is; the tensor must be held while it is used. */
    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }

    /** Takes some rows of the weight, widened, which begin with {@code first}. */
    private interface PartUse {
        void accept(long first, Tensor part);
    }

    private void forEachPart(ScalarType dtype, PartUse use) {
        long in = weight.size(1), out = weight.size(0);
        long most = weight.is_cpu() ? Math.min(out, Math.max(1, PART / in)) : out;
        var widened = empty(new long[] {most, in}, Tensors.options(weight.device(), dtype), null);
        for (long first = 0; first < out; first += most) {
            try (var scope = new PointerScope()) {
                long count = Math.min(most, out - first);
                var part = widened.narrow(0, 0, count).copy_(weight.narrow(0, first, count));
                if (scale != null) {
                    part.mul_(scale.narrow(0, first, count).unsqueeze(1));
                }
                use.accept(first, part);
            }
        }
    }

    /** Ends the use of the weight; a later backward from its products is an error of the caller. */
    @Override
    public void close() {
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }
}
