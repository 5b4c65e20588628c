package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.layer_norm;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Layer normalisation over the last dimension (arXiv:1607.06450), always computed in float32. */
public final class LayerNorm extends Module {

    private final Tensor weight;
    private final Tensor bias;
    private final long width;
    private final double eps;

    /** A norm with keys {@code weight} and {@code bias}, both (width). */
    public LayerNorm(long width, double eps) {
        this.weight = parameter("weight", width);
        this.bias = parameter("bias", width);
        this.width = width;
        this.eps = eps;
    }

    /**
     * Normalises.
     *
     * @param x (..., width)
     * @return same shape and dtype as {@code x}
     */
    public Tensor forward(Tensor x) {
        var dtype = Tensors.dtype(x);
        var w = asFloat(weight);
        var b = asFloat(bias);
        var y = layer_norm(asFloat(x), new long[] {width}, Tensors.optional(w), Tensors.optional(b), eps, true);
        return dtype == ScalarType.Float ? y : y.to(dtype);
    }

    private static Tensor asFloat(Tensor t) {
        return Tensors.dtype(t) == ScalarType.Float ? t : t.to(ScalarType.Float);
    }

    /** Weight 1, bias 0. */
    @Override
    public void initialize() {
        Init.constant(weight, 1);
        Init.constant(bias, 0);
    }

    @Override
    public void initializeNormal(double std) {
        initialize();
    }
}
