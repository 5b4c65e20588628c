package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.layer_norm;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Layer normalisation over the last dimension (arXiv:1607.06450), always computed in float32: inside the kernel where
 * input and weights have one type, which is then the fastest, else after they are converted.
 */
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
        var inside = dtype == Tensors.dtype(weight) ? dtype : ScalarType.Float;
        try (var own = new Autocast(x.device(), Precision.FP32)) { // autocast would convert all three at each call
            var w = Tensors.optional(Tensors.to(weight, inside));
            var b = Tensors.optional(Tensors.to(bias, inside));
            var y = layer_norm(Tensors.to(x, inside), new long[] {width}, w, b, eps, true);
            return LayerOutputs.of(weight, Tensors.to(y, dtype));
        }
    }

    /**
     * Normalises, and leaves the rest, {@link #affine()}, to what reads it.
     *
     * @param x (..., width), float32
     * @return same shape
     */
    public Tensor normalized(Tensor x) {
        return layer_norm(x, new long[] {width}, Tensors.optional(null), Tensors.optional(null), eps, true);
    }

    /** Weight and bias. */
    public Affine affine() {
        return new Affine(weight, bias);
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
