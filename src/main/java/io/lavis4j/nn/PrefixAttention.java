package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.matmul;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention of rows that continue shared prefixes: one softmax over the keys of a row's prefix and the row's own.
 *
 * <p>Equal to attention over both keys joined, but a prefix is never copied per row.
 */
public final class PrefixAttention {

    static {
        Libtorch.load();
    }

    private PrefixAttention() {}

    /**
     * softmax(q [prefix k, own k]^T / sqrt(d) + masks) [prefix v, own v], the softmax in float32.
     *
     * @param q (R, H, T, d); row r of R continues prefix {@code r / (R / B)}
     * @param prefix (B, H, P, d) each
     * @param prefixMask additive, (B, 1, 1, P); {@code null} attends everywhere
     * @param own (R, H, M, d) each
     * @param ownMask additive, broadcast to (R, H, T, M); {@code null} attends everywhere
     * @return (R, H, T, d)
     */
    public static Tensor attend(
            Tensor q,
            KeyValueCache.Pair prefix,
            @Nullable Tensor prefixMask,
            KeyValueCache.Pair own,
            @Nullable Tensor ownMask) {
        long B = prefix.key().size(0), P = prefix.key().size(2), M = own.key().size(2);
        long R = q.size(0), H = q.size(1), T = q.size(2), d = q.size(3), rows = R / B;

        var scaled = q.mul(Tensors.scalar(1 / Math.sqrt(d)));
        var byPrefix = scaled.view(B, rows, H, T, d).transpose(1, 2).reshape(B, H, rows * T, d); // (B, H, R/B T, d)
        var prefixScores = masked(matmul(byPrefix, prefix.key().transpose(2, 3)), prefixMask)
                .view(B, H, rows, T, P); // (B, H, R/B, T, P)
        var ownScores = masked(matmul(scaled, own.key().transpose(2, 3)), ownMask)
                .view(B, rows, H, T, M)
                .transpose(1, 2); // (B, H, R/B, T, M)
        var scores = Tensors.cat(4, prefixScores, ownScores); // (B, H, R/B, T, P + M)
        var weights = Attention.weights(scores, Tensors.dtype(own.value()));

        var fromPrefix = matmul(weights.narrow(4, 0, P).view(B, H, rows * T, P), prefix.value())
                .view(B, H, rows, T, d)
                .transpose(1, 2); // (B, R/B, H, T, d)
        var ownWeights = weights.narrow(4, P, M).transpose(1, 2).reshape(R, H, T, M); // (R, H, T, M)
        return matmul(ownWeights, own.value())
                .view(B, rows, H, T, d)
                .add(fromPrefix)
                .view(R, H, T, d); // (R, H, T, d)
    }

    private static Tensor masked(Tensor scores, @Nullable Tensor mask) {
        return mask == null ? scores : scores.add(mask.to(Tensors.dtype(scores)));
    }
}
