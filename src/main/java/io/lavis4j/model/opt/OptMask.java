package io.lavis4j.model.opt;

import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Positions and masks of OPT, both from the attention mask. */
final class OptMask {

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
     * Additive mask: a token sees real tokens up to itself. Hidden places have the lowest finite value, so that the row
     * of a padding token stays finite.
     *
     * @param attentionMask (B, T), int64
     * @return (B, 1, T, T), {@code dtype}
     */
    static Tensor causal(Tensor attentionMask, ScalarType dtype) {
        long T = attentionMask.size(1);
        var order = ones(new long[] {T, T}, Tensors.options(attentionMask.device(), ScalarType.Long))
                .tril(); // (T, T)
        return hidden(attentionMask.unsqueeze(1).unsqueeze(1).mul(order), dtype); // (B, 1, T, T)
    }

    /**
     * Additive mask over a prefix for tokens behind it.
     *
     * @param attentionMask (B, P), int64
     * @return (B, 1, 1, P), {@code dtype}
     */
    static Tensor prefix(Tensor attentionMask, ScalarType dtype) {
        return hidden(attentionMask.unsqueeze(1).unsqueeze(1), dtype);
    }

    private static Tensor hidden(Tensor visible, ScalarType dtype) {
        double lowest = dtype == ScalarType.Half ? -65504 : -Float.MAX_VALUE;
        var mask = visible.to(ScalarType.Float).neg().add(new Scalar(1)).mul(new Scalar(lowest));
        return dtype == ScalarType.BFloat16
                ? mask.clamp_min(new Scalar(-3.3895313892515355e38)).to(dtype)
                : mask.to(dtype);
    }
}
