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
     * softmax(q [prefix k, own k]^T / sqrt(d) + masks) [prefix v, own v], the softmax in float32. Heads of {@code q}
     * that share a head of keys (arXiv:2305.13245) are its queries together, N = H/K T of them.
     *
     * @param q (R, H, T, d); row r of R continues prefix {@code r / (R / B)}
     * @param prefix (B, K, P, d) each, K a divisor of H
     * @param prefixMask additive, (B, 1, 1, P); {@code null} attends everywhere
     * @param own (R, K, M, d) each
     * @param ownMask additive, broadcast to (R, H, T, M); {@code null} attends everywhere
     * @return (R, H, T, d)
     */
    public static Tensor attend(
            Tensor q,
            KeyValueCache.Pair prefix,
            @Nullable Tensor prefixMask,
            KeyValueCache.Pair own,
            @Nullable Tensor ownMask) {
        long B = prefix.key().size(0),
                K = prefix.key().size(1),
                P = prefix.key().size(2);
        long R = q.size(0), H = q.size(1), T = q.size(2), d = q.size(3);
        long M = own.key().size(2), N = H / K * T, rows = R / B;

        var scaled = q.mul(Tensors.scalar(1 / Math.sqrt(d))).reshape(R, K, N, d); // (R, K, N, d)
        var byPrefix = scaled.view(B, rows, K, N, d).transpose(1, 2).reshape(B, K, rows * N, d); // (B, K, R/B N, d)
        var prefixScores = masked(matmul(byPrefix, prefix.key().transpose(2, 3)), prefixMask)
                .view(B, K, rows, N, P); // (B, K, R/B, N, P)
        var ownScores = masked(matmul(scaled, own.key().transpose(2, 3)).view(R, H, T, M), ownMask)
                .view(B, rows, K, N, M)
                .transpose(1, 2); // (B, K, R/B, N, M)
        var scores = Tensors.cat(4, prefixScores, ownScores); // (B, K, R/B, N, P + M)
        var weights = Attention.weights(scores, Tensors.dtype(own.value()));

        var fromPrefix = matmul(weights.narrow(4, 0, P).view(B, K, rows * N, P), prefix.value())
                .view(B, K, rows, N, d)
                .transpose(1, 2); // (B, R/B, K, N, d)
        var ownWeights = weights.narrow(4, P, M).transpose(1, 2).reshape(R, K, N, M); // (R, K, N, M)
        return matmul(ownWeights, own.value())
                .view(B, rows, K, N, d)
                .add(fromPrefix)
                .view(R, H, T, d); // (R, H, T, d)
    }

    private static Tensor masked(Tensor scores, @Nullable Tensor mask) {
        return mask == null ? scores : scores.add(mask.to(Tensors.dtype(scores)));
    }
}
