package io.lavis4j.tensor;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.linear;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A dense layer with what follows it, {@code activation(x W^T + b) + residual}.
 *
 * <p>In float32 on a CPU, where nothing needs a gradient, all of it is one call of {@code lavis4j_blas}
 * ({@code native/README.md}): the bias stands in each block of the result before its sums are added, activation and
 * residual follow while the block is in the cache. The values are those of libtorch's operations bit for bit, but for
 * those of GELU and QuickGELU: libtorch's GELU is wrong by up to 1.3e-6, and this one by a thirtieth of that.
 *
 * <p>Dimensions: I inputs, O outputs.
 */
public final class DenseLayer {

    private static final ThreadLocal<@Nullable Boolean> AS_WITH_GRADIENTS = new ThreadLocal<>();

    private DenseLayer() {}

    /** Runs a computation of this thread, without gradients, whose values are to be those of one with gradients. */
    static Tensor asWithGradients(Supplier<Tensor> computation) {
        return ThreadState.with(AS_WITH_GRADIENTS, true, computation);
    }

    /** Whether this thread is in {@link #asWithGradients}. */
    static boolean isAsWithGradients() {
        return AS_WITH_GRADIENTS.get() != null;
    }

    /**
     * Computes the layer, and shows its output, with what follows where that is one call, to {@link LayerOutputs}.
     *
     * @param x (..., I); converted to the weight's dtype, as {@code bias} is, unless autocast decides
     * @param weight (O, I), a parameter of the model
     * @param bias (O)
     * @param residual broadcast to (..., O)
     * @return (..., O)
     */
    public static Tensor apply(
            Tensor x, Tensor weight, @Nullable Tensor bias, Activation activation, @Nullable Tensor residual) {
        var input = Autocast.match(x, weight);
        var b = bias == null ? null : Autocast.match(bias, weight);
        var known = activation == Activation.NONE ? null : KeptProducts.next(input, weight, b);
        if (known != null) {
            return follow(LayerOutputs.of(weight, known), activation, residual);
        }
        var fused = isFused(input, weight, b, residual) ? fused(input, weight, b, activation, residual) : null;
        if (fused != null) {
            return LayerOutputs.of(weight, fused);
        }
        var product = LayerOutputs.of(weight, linear(input, weight, Tensors.optional(b)));
        return follow(beforeActivation(product, activation), activation, residual);
    }

    private static Tensor beforeActivation(Tensor product, Activation activation) {
        if (activation != Activation.NONE) {
            KeptProducts.add(product);
        }
        return product;
    }

    /** {@code activation(x) + residual} by libtorch. */
    public static Tensor follow(Tensor x, Activation activation, @Nullable Tensor residual) {
        var y = activation.of(x);
        return residual == null ? y : residual.add(y);
    }

    private static boolean isFused(Tensor x, Tensor weight, @Nullable Tensor bias, @Nullable Tensor residual) {
        return Libtorch.hasShim()
                && isPlain(x)
                && isPlain(weight)
                && (bias == null || isPlain(bias))
                && (residual == null || isPlain(residual))
                && !needsGradient(x, weight, bias, residual)
                && !Autocast.isEnabled(x)
                && !LayerOutputs.areWatched();
    }

    private static boolean isPlain(Tensor tensor) {
        return tensor.is_cpu() && Tensors.dtype(tensor) == ScalarType.Float;
    }

    private static boolean needsGradient(@Nullable Tensor... tensors) {
        return GradMode.is_enabled() && Arrays.stream(tensors).anyMatch(t -> t != null && t.requires_grad());
    }

    /** {@code null} for shapes that libtorch has an answer or an error for. */
    private static @Nullable Tensor fused(
            Tensor x, Tensor weight, @Nullable Tensor bias, Activation activation, @Nullable Tensor residual) {
        long[] shape = x.shape();
        long[] sizes = weight.shape();
        if (sizes.length != 2 || shape.length == 0 || !weight.is_contiguous()) {
            return null;
        }
        long out = sizes[0], in = sizes[1], rows = in == 0 ? 0 : x.numel() / in;
        boolean fits = shape[shape.length - 1] == in && (bias == null || (bias.dim() == 1 && bias.size(0) == out));
        if (!fits || rows == 0 || out == 0 || Math.max(rows, Math.max(in, out)) > Integer.MAX_VALUE) {
            return null;
        }
        shape[shape.length - 1] = out;
        boolean isLater = activation != Activation.NONE
                && (KeptProducts.areKept() || (isAsWithGradients() && !activation.isRoundedAsLibtorchs()));
        var input = contiguous(x);
        var added = bias == null ? null : contiguous(bias);
        boolean isAdded = !isLater && residual != null && Arrays.equals(residual.shape(), shape);
        var last = residual != null && isAdded ? contiguous(residual) : null;
        var y = empty(shape, x.options(), null); // (..., O)
        try {
            BlasShim.dense(
                    rows,
                    in,
                    out,
                    address(input),
                    address(weight),
                    added == null ? 0 : address(added),
                    last == null ? 0 : address(last),
                    isLater ? Activation.NONE : activation,
                    address(y));
        } finally {
            Reference.reachabilityFence(input);
            Reference.reachabilityFence(added);
            Reference.reachabilityFence(last);
        }
        var rest = isLater ? activation : Activation.NONE;
        return isAdded ? y : follow(beforeActivation(y, rest), rest, residual);
    }

    private static Tensor contiguous(Tensor tensor) {
        return tensor.is_contiguous() ? tensor : tensor.contiguous();
    }

    /** Where a tensor's first number is; the tensor must be held while it is used. */
    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }
}
