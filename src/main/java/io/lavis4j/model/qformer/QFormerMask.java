package io.lavis4j.model.qformer;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Additive attention masks of the Q-Former: -10000 for hidden rows in self-attention, the lowest float in
 * cross-attention.
 */
final class QFormerMask {

    private static final double SELF_HIDDEN = -10000;

    private QFormerMask() {}

    /**
     * The mask of self-attention.
     *
     * @param dtype of the queries of attention
     * @return broadcast to (B, H, rows, L) where L counts cached rows too; {@code null} if every row sees all
     */
    static @Nullable Tensor self(QFormerInput in, Device device, ScalarType dtype) {
        var mask = in.attentionMask();
        if (mask == null && !in.causal()) {
            return null;
        }
        long rows = in.queryLength() + in.textLength(), L = in.cachedLength() + rows;
        if (mask != null && mask.dim() == 3) {
            return AdditiveMask.fused(AdditiveMask.of(mask.unsqueeze(1), SELF_HIDDEN), dtype);
        }
        if (mask != null && mask.size(1) != L) {
            throw new IllegalArgumentException(
                    "expected an attention mask over %d cached, %d query and %d text rows, got %s"
                            .formatted(in.cachedLength(), in.queryLength(), in.textLength(), Tensors.shape(mask)));
        }
        Tensor visible = mask == null ? null : mask.unsqueeze(1).unsqueeze(1); // (B, 1, 1, L)
        if (in.causal()) {
            var order = causal(in.cachedLength(), in.queryLength(), in.textLength(), device); // (rows, L)
            visible = visible == null ? order : visible.mul(order);
        }
        return visible == null ? null : AdditiveMask.fused(AdditiveMask.of(visible, SELF_HIDDEN), dtype);
    }

    /** Queries see queries; a text row sees all that is cached, all queries and text up to itself. Shape (rows, L). */
    private static Tensor causal(long cached, long Q, long T, Device device) {
        var options = Tensors.options(device, ScalarType.Long);
        var text = Tensors.cat(
                1,
                ones(new long[] {T, cached + Q}, options),
                ones(new long[] {T, T}, options).tril());
        if (Q == 0) {
            return text; // (T, L)
        }
        var queries =
                Tensors.cat(1, ones(new long[] {Q, cached + Q}, options), zeros(new long[] {Q, T}, options)); // (Q, L)
        return Tensors.cat(0, queries, text); // (rows, L)
    }

    /**
     * The mask of cross-attention.
     *
     * @return broadcast to (B, H, Q, N); {@code null} if every query sees all image tokens
     */
    static @Nullable Tensor cross(QFormerInput in) {
        var mask = in.encoderAttentionMask();
        return mask == null ? null : AdditiveMask.of(mask.unsqueeze(1).unsqueeze(1), -Float.MAX_VALUE);
    }
}
