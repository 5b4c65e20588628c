package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.rsqrt;

import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Root mean square normalisation over the last dimension (arXiv:1910.07467), the mean square in float32. */
public final class RmsNorm extends Module {

    private final Tensor weight;
    private final double eps;

    /** A norm with key {@code weight} (width). */
    public RmsNorm(long width, double eps) {
        this.weight = parameter("weight", width);
        this.eps = eps;
    }

    /**
     * Normalises; with a weight in half precision the normalised values are rounded to it first, as in the reference.
     *
     * @param x (..., width)
     * @return same shape, in the weight's dtype if that is half precision, else in float32
     */
    public Tensor forward(Tensor x) {
        var wide = x.to(ScalarType.Float);
        var meanSquare = wide.square().mean(new long[] {-1}, true, null); // (..., 1)
        var y = wide.mul(rsqrt(meanSquare.add(Tensors.scalar(eps))));
        return LayerOutputs.of(weight, y.to(Tensors.dtype(weight)).mul(weight));
    }

    /** Weight 1. */
    @Override
    public void initialize() {
        Init.constant(weight, 1);
    }

    @Override
    public void initializeNormal(double std) {
        initialize();
    }
}
