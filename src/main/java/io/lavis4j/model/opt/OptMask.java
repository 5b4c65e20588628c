package io.lavis4j.model.opt;

import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Positions and masks of OPT, both from the attention mask. */
final class OptMask {

    /**
     * Makes a weight 0 in every dtype, and is finite in fp16 too, so that a padding row, which sees nothing, is finite.
     */
    private static final double HIDDEN = -30000;

    private OptMask() {}

    /**
     * Positions count real tokens only.
     *
     * @param attentionMask (B, T), int64
     * @return (B, T), int64: 0, 1, ... for real tokens, -1 for padding
     */
    static Tensor positions(Tensor attentionMask) {
        return attentionMask.cumsum(1).mul(attentionMask).sub(new Scalar(1));
    }

    /**
     * Additive mask: a token sees real tokens up to itself.
     *
     * @param attentionMask (B, T), int64
     * @return (B, 1, T, T), float32
     */
    static Tensor causal(Tensor attentionMask) {
        long T = attentionMask.size(1);
        var order = ones(new long[] {T, T}, Tensors.options(attentionMask.device(), ScalarType.Long))
                .tril(); // (T, T)
        return hidden(attentionMask.unsqueeze(1).unsqueeze(1).mul(order)); // (B, 1, T, T)
    }

    /**
     * Additive mask over a prefix for tokens after it.
     *
     * @param attentionMask (B, P), int64
     * @return (B, 1, 1, P), float32
     */
    static Tensor prefix(Tensor attentionMask) {
        return hidden(attentionMask.unsqueeze(1).unsqueeze(1));
    }

    private static Tensor hidden(Tensor visible) {
        return visible.to(ScalarType.Float).neg().add(new Scalar(1)).mul(new Scalar(HIDDEN));
    }
}
