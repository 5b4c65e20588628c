package io.lavis4j.tensor;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import org.bytedeco.pytorch.Tensor;

/** What a dense layer does to its sums. */
public enum Activation {
    /** Nothing. */
    NONE(0),
    /** {@code max(0, x)}. */
    RELU(1),
    /** {@code x Phi(x)}, Phi the normal distribution's (arXiv:1606.08415), without the approximation by tanh. */
    GELU(2),
    /** CLIP's {@code x sigmoid(1.702 x)} (arXiv:1606.08415, section 2). */
    QUICK_GELU(3);

    private static final double QUICK = 1.702;

    /** The number in {@code lavis4j/blas.h}. */
    final int code;

    Activation(int code) {
        this.code = code;
    }

    /** Whether {@link DenseLayer} rounds it as libtorch does. */
    boolean isRoundedAsLibtorchs() {
        return this == NONE || this == RELU;
    }

    /** The activation by libtorch; {@code x} itself for {@link #NONE}. */
    public Tensor of(Tensor x) {
        return switch (this) {
            case NONE -> x;
            case RELU -> relu(x);
            case GELU -> gelu(x);
            case QUICK_GELU -> x.mul(sigmoid(x.mul(Tensors.scalar(QUICK))));
        };
    }
}
