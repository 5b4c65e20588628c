package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.FusedAttention;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention (arXiv:1706.03762, section 3.2.1). */
public final class Attention {

    static {
        Libtorch.load();
    }

    /**
     * From so many queries on libtorch's kernel is slower on a CPU without MKL: its products of each head are small.
     */
    private static final long MANY_QUERIES = 16;

    private Attention() {}

    /**
     * softmax(q k^T / sqrt(d) + mask) v through libtorch's fused kernel or, on a CPU, {@link FusedAttention}.
     *
     * @param q (B, H, N, d)
     * @param k (B, K, M, d); where K is less than H, groups of H/K neighbouring heads of {@code q} share one of them
     *     (arXiv:2305.13245)
     * @param v (B, K, M, d)
     * @param mask additive, broadcast to (B, H, N, M), converted to the dtype of {@code q}; {@code null} attends
     *     everywhere
     * @param dropout probability of dropping a weight, 0 outside training
     * @return (B, H, N, d)
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double dropout) {
        return attend(q, k, v, mask, new Weights(1 / Math.sqrt(q.size(3)), dropout, false));
    }

    /** The same of tokens that see tokens up to themselves, M = N: no mask is read. */
    public static Tensor attendCausally(Tensor q, Tensor k, Tensor v) {
        return attend(q, k, v, null, new Weights(1 / Math.sqrt(q.size(3)), 0, true));
    }

    /** The same without the division by sqrt(d): softmax(q k^T + mask) v. */
    public static Tensor attendUnscaled(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double dropout) {
        return attend(q, k, v, mask, new Weights(1, dropout, false));
    }

    /** How weights are made of products: these are multiplied by {@code scale}, weights are dropped. */
    private record Weights(double scale, double dropout, boolean causal) {}

    private static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Weights how) {
        var dtype = Autocast.dtype(q);
        var additive = mask == null ? null : Tensors.to(mask, dtype);
        var keys = perHead(k, q.size(1)); // (B, H, M, d)
        var values = perHead(v, q.size(1));
        var fused = new FusedAttention.Weights(how.scale(), how.dropout());
        if (!how.causal()
                && (how.dropout() > 0 || (q.size(2) >= MANY_QUERIES && !torch.hasMKL()))
                && FusedAttention.takes(q, keys, values, additive, fused)) {
            return FusedAttention.attend(q, keys, values, additive, fused);
        }
        if (q.is_cpu() && (how.dropout() > 0 || (dtype == ScalarType.BFloat16 && !torch.hasMKL()))) {
            var order =
                    how.causal() ? AdditiveMask.causal(q.size(2), q.device()).to(dtype) : additive;
            return attendByMatmul(q, keys, values, order, how);
        }
        return scaled_dot_product_attention(
                q,
                keys,
                values,
                Tensors.optional(additive),
                how.dropout(),
                how.causal(),
                new DoubleOptional(how.scale()),
                false);
    }

    /** One copy for each head of the queries, (B, H, M, d): the fused kernels want them so. */
    private static Tensor perHead(Tensor x, long heads) {
        return x.size(1) == heads ? x : x.repeat_interleave(heads / x.size(1), new LongOptional(1), new LongOptional());
    }

    /**
     * The same from single operations, where {@link FusedAttention} does not take it: libtorch has no fused kernel with
     * dropout on a CPU, and without MKL that of bf16 is many times slower backward.
     */
    private static Tensor attendByMatmul(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Weights how) {
        long B = q.size(0), H = q.size(1), N = q.size(2), M = k.size(2), d = v.size(3);
        var keys = perProduct(k).transpose(1, 2); // (B H, d, M)
        var scores = bmm(perProduct(q), keys).mul(Tensors.scalar(how.scale())).view(B, H, N, M);
        var weights = weights(mask == null ? scores : scores.add(mask), Tensors.dtype(v));
        var kept = Dropout.dropout(weights, how.dropout(), true).flatten(0, 1); // (B H, N, M)
        return bmm(kept, perProduct(v)).view(B, H, N, d);
    }

    /**
     * Heads one after the other, (B H, N, d). Rows are copied as they lie: transposed in a copy, keys would take
     * several times as long, and their gradients again.
     */
    private static Tensor perProduct(Tensor x) {
        return x.reshape(x.size(0) * x.size(1), x.size(2), x.size(3));
    }

    /** Softmax over the last dimension, in float32, as {@code dtype}. */
    static Tensor weights(Tensor scores, ScalarType dtype) {
        return softmax(scores, -1, new ScalarTypeOptional(ScalarType.Float)).to(dtype);
    }

    /**
     * Attention of all tokens to all, of queries, keys and values that stand side by side.
     *
     * @param qkv (B, N, 3 D)
     * @return (B, N, D)
     */
    public static Tensor attendPacked(Tensor qkv, long heads) {
        long B = qkv.size(0), N = qkv.size(1), H = heads, d = qkv.size(2) / 3 / H;
        var all = qkv.view(B, N, 3, H, d).permute(2, 0, 3, 1, 4); // (3, B, H, N, d)
        return joinHeads(attend(all.select(0, 0), all.select(0, 1), all.select(0, 2), null, 0)); // (B, N, D)
    }

    /**
     * Splits the width into heads.
     *
     * @param x (B, N, D)
     * @return (B, H, N, D/H)
     */
    public static Tensor splitHeads(Tensor x, long heads) {
        return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /**
     * Joins the heads.
     *
     * @param x (B, H, N, d)
     * @return (B, N, H d)
     */
    public static Tensor joinHeads(Tensor x) {
        return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
    }
}
