package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.linear;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A dense layer, {@code y = x W^T + b}. */
public final class Linear extends Module {

    private final Tensor weight;
    private final @Nullable Tensor bias;

    /** A layer with keys {@code weight} (out, in) and, with {@code bias}, {@code bias} (out). */
    public Linear(long in, long out, boolean bias) {
        this.weight = parameter("weight", out, in);
        this.bias = bias ? parameter("bias", out) : null;
    }

    /** A layer without bias whose weight belongs to another module too. */
    public Linear(Tensor tiedWeight) {
        this.weight = parameter("weight", tiedWeight);
        this.bias = null;
    }

    /**
     * Applies the layer in the weight's dtype.
     *
     * @param x (..., in); converted to the weight's dtype, unless autocast decides
     * @return (..., out)
     */
    public Tensor forward(Tensor x) {
        return forward(x, bias);
    }

    /** Applies the layer with a bias from outside, (out), converted like {@code x}. */
    public Tensor forward(Tensor x, @Nullable Tensor outerBias) {
        return apply(x, weight, outerBias);
    }

    /**
     * {@code x W^T + b} for a weight that is not a layer's own.
     *
     * @param x (..., in); converted to the weight's dtype, as {@code bias} is, unless autocast decides
     * @param weight (out, in)
     * @param bias (out)
     * @return (..., out)
     */
    public static Tensor apply(Tensor x, Tensor weight, @Nullable Tensor bias) {
        var b = bias == null ? null : Autocast.match(bias, weight);
        return linear(Autocast.match(x, weight), weight, Tensors.optional(b));
    }

    /** The weight (out, in). */
    public Tensor weight() {
        return weight;
    }

    /** PyTorch's own initialisation: weight and bias uniform in +-1/sqrt(in). */
    public void initialize() {
        double bound = 1 / Math.sqrt(weight.size(1));
        Init.uniform(weight, bound);
        if (bias != null) {
            Init.uniform(bias, bound);
        }
    }

    /** Weight normal with mean 0, bias 0. */
    public void initializeNormal(double std) {
        Init.normal(weight, std);
        if (bias != null) {
            Init.constant(bias, 0);
        }
    }

    /** Weight truncated normal with mean 0, bias 0. */
    public void initializeTruncatedNormal(double std) {
        Init.truncatedNormal(weight, std);
        if (bias != null) {
            Init.constant(bias, 0);
        }
    }
}
