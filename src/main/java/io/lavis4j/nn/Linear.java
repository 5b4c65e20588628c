package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.linear;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.Tensors;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A dense layer, {@code y = x W^T + b}. */
public final class Linear extends Module {

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final boolean tied;

    /** A layer with keys {@code weight} (out, in) and, with {@code bias}, {@code bias} (out). */
    public Linear(long in, long out, boolean bias) {
        this.weight = parameter("weight", out, in);
        this.bias = bias ? parameter("bias", out) : null;
        tied = false;
    }

    /** A layer without bias whose weight belongs to another module too. */
    public Linear(Tensor tiedWeight) {
        this.weight = parameter("weight", tiedWeight);
        this.bias = null;
        tied = true;
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
        return LayerOutputs.of(weight, linear(Autocast.match(x, weight), weight, Tensors.optional(b)));
    }

    /** The weight (out, in). */
    public Tensor weight() {
        return weight;
    }

    /** PyTorch's own initialisation: weight and bias uniform in +-1/sqrt(in). */
    @Override
    public void initialize() {
        double bound = 1 / Math.sqrt(weight.size(1));
        initialize(w -> Init.uniform(w, bound), b -> Init.uniform(b, bound));
    }

    @Override
    public void initializeNormal(double std) {
        initialize(w -> Init.normal(w, std), b -> Init.constant(b, 0));
    }

    /** Weight truncated normal with mean 0, bias 0. */
    public void initializeTruncatedNormal(double std) {
        initialize(w -> Init.truncatedNormal(w, std), b -> Init.constant(b, 0));
    }

    private void initialize(Consumer<Tensor> ofWeight, Consumer<Tensor> ofBias) {
        if (!tied) {
            ofWeight.accept(weight);
        }
        if (bias != null) {
            ofBias.accept(bias);
        }
    }
}
