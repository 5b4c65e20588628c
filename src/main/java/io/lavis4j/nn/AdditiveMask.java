package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Attention masks that are added to scores, float32: 0 where a token may look. */
public final class AdditiveMask {

    static {
        Libtorch.load();
    }

    /**
     * Makes a weight 0 in every dtype, and is finite in fp16 too, so that a padding row, which sees nothing, is finite.
     */
    static final double HIDDEN = -30000;

    /** Of this many numbers, or of a multiple, is the distance of two rows that the fused kernels read in place. */
    private static final long ROW = 16;

    private AdditiveMask() {}

    /**
     * A mask with the number that a checkpoint was trained with.
     *
     * @param visible 1 where a token may look, 0 elsewhere
     * @param hidden what is added elsewhere
     * @return same shape as {@code visible}
     */
    public static Tensor of(Tensor visible, double hidden) {
        return visible.to(ScalarType.Float).neg().add(Tensors.scalar(1)).mul(Tensors.scalar(hidden));
    }

    /**
     * Every token sees real tokens.
     *
     * @param attentionMask (B, T), int64, 1 for real tokens
     * @return (B, 1, 1, T)
     */
    public static Tensor padding(Tensor attentionMask) {
        return of(attentionMask.unsqueeze(1).unsqueeze(1), HIDDEN);
    }

    /**
     * A token sees real tokens up to itself.
     *
     * @param attentionMask (B, T), int64, 1 for real tokens
     * @return (B, 1, T, T)
     */
    public static Tensor causal(Tensor attentionMask) {
        var order = order(attentionMask.size(1), attentionMask.device()); // (T, T)
        return of(attentionMask.unsqueeze(1).unsqueeze(1).mul(order), HIDDEN);
    }

    /** A token sees tokens up to itself, (T, T). */
    public static Tensor causal(long T, Device device) {
        return of(order(T, device), HIDDEN);
    }

    /**
     * A mask as the fused kernels read it, so that no block converts it again: on a GPU its rows begin at multiples of
     * 16 numbers.
     *
     * @param dtype of the queries
     * @return same shape as {@code mask}
     */
    public static Tensor fused(Tensor mask, ScalarType dtype) {
        var converted = mask.to(dtype);
        long M = mask.size(-1), room = (ROW - M % ROW) % ROW;
        return mask.is_cpu() || room == 0
                ? converted
                : constant_pad_nd(converted, 0, room).narrow(-1, 0, M);
    }

    private static Tensor order(long T, Device device) {
        return ones(new long[] {T, T}, Tensors.options(device, ScalarType.Long)).tril();
    }
}
