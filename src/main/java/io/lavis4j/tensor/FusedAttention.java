package io.lavis4j.tensor;

import static org.bytedeco.pytorch.global.torch.empty;

import java.util.Arrays;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention (arXiv:1706.03762, section 3.2.1) on a CPU as one function of the library {@code lavis4j_attention}; with
 * dropout of weights as one function backward, too, for which q, k and v are kept as they lie, and one number for each
 * weight.
 *
 * <p>Dimensions: B batch, H heads, N queries, M keys, d width of a head.
 */
public final class FusedAttention {

    private FusedAttention() {}

    /**
     * Numbers of a softmax.
     *
     * @param scale by which products are multiplied
     * @param dropout probability of dropping a weight; 0 keeps all
     */
    public record Weights(double scale, double dropout) {

        /** The factor of a weight that is kept, as {@link DropoutMask} draws it. */
        float kept() {
            return dropout < 1 ? (float) (1 / (1 - dropout)) : 0;
        }
    }

    /**
     * Whether {@link #attend} takes these: float32 on a CPU, none empty, heads as wide in {@code v} as in {@code k}, a
     * mask that is not trained, no autocast, no gradient without dropout, now or when a block is recomputed, and the
     * library loaded.
     */
    public static boolean takes(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Weights how) {
        return isFloat(q)
                && isFloat(k)
                && isFloat(v)
                && !Autocast.isEnabled(q)
                && q.numel() > 0
                && k.numel() > 0
                && v.size(3) == k.size(3)
                && (mask == null || (isFloat(mask) && !mask.requires_grad()))
                && (how.dropout() > 0 || !(isDifferentiated(q, k, v) || DenseLayer.isAsWithGradients()))
                && AttentionLibrary.isLoaded();
    }

    private static boolean isDifferentiated(Tensor q, Tensor k, Tensor v) {
        return GradMode.is_enabled() && (q.requires_grad() || k.requires_grad() || v.requires_grad());
    }

    private static boolean isFloat(Tensor x) {
        return x.is_cpu() && Tensors.dtype(x) == ScalarType.Float;
    }

    /**
     * {@code dropout(softmax(scale q k^T + mask)) v}, with the numbers that {@link DropoutMask} draws for (B, H, N, M).
     *
     * @param q (B, H, N, d)
     * @param k (B, H, M, d)
     * @param v (B, H, M, d)
     * @param mask additive, broadcast to (B, H, N, M); {@code null} attends everywhere
     * @return (B, H, N, d), in memory (B, N, H, d); not to be changed in place where it has a gradient
     * @throws IllegalArgumentException if the shapes do not fit together, or {@link #takes} says no
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Weights how) {
        check(q, k, v, mask, how);
        long B = q.size(0), H = q.size(1), N = q.size(2), M = k.size(2);
        Tensor queries = readable(q), keys = readable(k), values = readable(v);
        var dropped = how.dropout() > 0 ? DropoutMask.draw(new long[] {B, H, N, M}, how.dropout()) : null;
        var added = mask == null ? null : mask.detach().expand(B, H, N, M);
        Tensor y;
        try (var noGrad = new NoGradGuard()) {
            y = likeRows(queries);
            AttentionLibrary.forward(
                    new long[] {B, H, N, M, q.size(3)},
                    (float) how.scale(),
                    heads(queries),
                    heads(keys),
                    heads(values),
                    added == null ? null : strided(added, 4),
                    dropped == null ? 0 : dropped.data_ptr().address(),
                    heads(y),
                    torch.get_num_threads());
        }
        if (dropped == null || !isDifferentiated(q, k, v)) {
            return y;
        }
        var saved = new Saved(
                queries, keys, values, dropped, how, new long[] {queries._version(), keys._version(), values._version()
                });
        return AttentionGraph.record(new Tensor[] {q, k, v}, saved, y);
    }

    private static void check(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Weights how) {
        boolean fit = k.size(0) == q.size(0)
                && k.size(1) == q.size(1)
                && k.size(3) == q.size(3)
                && Arrays.equals(k.shape(), v.shape());
        if (!fit) {
            throw new IllegalArgumentException(
                    "expected q (B, H, N, d) and k and v (B, H, M, d), got q %s, k %s, v %s; repeat shared heads first"
                            .formatted(Tensors.shape(q), Tensors.shape(k), Tensors.shape(v)));
        }
        if (!takes(q, k, v, mask, how)) {
            throw new IllegalArgumentException(
                    "expected what FusedAttention.takes() says yes to, got q %s %s with dropout %s; use nn.Attention"
                            .formatted(Tensors.dtype(q), Tensors.shape(q), how.dropout()));
        }
    }

    /** Without a graph, and with numbers of a row side by side. */
    private static Tensor readable(Tensor x) {
        var plain = x.detach();
        return plain.stride(3) == 1 || plain.size(3) == 1 ? plain : plain.contiguous();
    }

    /** Memory of the shape of {@code x} (B, H, R, d), in the order (B, R, H, d), of which heads are joined free. */
    private static Tensor likeRows(Tensor x) {
        return empty(new long[] {x.size(0), x.size(2), x.size(1), x.size(3)}, x.options(), null)
                .transpose(1, 2); // (B, H, R, d)
    }

    private static long[] heads(Tensor x) {
        return strided(x, 3);
    }

    /** Address and distances, in numbers. */
    private static long[] strided(Tensor x, int dims) {
        long[] all = new long[1 + dims];
        all[0] = x.data_ptr().address();
        for (int i = 0; i < dims; i++) {
            all[1 + i] = x.stride(i);
        }
        return all;
    }

    /**
     * What backward reads.
     *
     * @param q (B, H, N, d), without a graph
     * @param weights (B, H, N, M), by the library's forward
     * @param versions libtorch's, of q, k and v
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Saved(Tensor q, Tensor k, Tensor v, Tensor weights, Weights how, long[] versions) {

        /** Whether a gradient is of the output's shape. */
        boolean isOf(TensorBase gradient) {
            return Arrays.equals(new Tensor(gradient).shape(), q.shape());
        }

        /** Throws where q, k or v is not what forward read. */
        void check() {
            var all = new Tensor[] {q, k, v};
            for (int i = 0; i < all.length; i++) {
                if (all[i]._version() != versions[i]) {
                    throw new IllegalStateException(
                            "attention's %s has been changed in place between forward and backward: expected version %d, got %d; change a copy"
                                    .formatted("qkv".charAt(i), versions[i], all[i]._version()));
                }
            }
        }

        /**
         * Gradients of q, k and v, (B, H, N, d) and (B, H, M, d).
         *
         * @param dy (B, H, N, d)
         * @param needed of which gradients are needed; others are {@code null}
         */
        @Nullable
        Tensor[] gradients(Tensor dy, boolean[] needed) {
            var ofOutput = readable(dy);
            var gradients = new @Nullable Tensor[] {
                needed[0] ? likeRows(q) : null, needed[1] ? likeRows(k) : null, needed[2] ? likeRows(v) : null
            };
            AttentionLibrary.backward(
                    new long[] {q.size(0), q.size(1), q.size(2), k.size(2), q.size(3)},
                    (float) how.scale(),
                    how.kept(),
                    heads(q),
                    heads(k),
                    heads(v),
                    weights.data_ptr().address(),
                    heads(ofOutput),
                    address(gradients[0]),
                    address(gradients[1]),
                    address(gradients[2]),
                    torch.get_num_threads());
            return gradients;
        }

        private static long @Nullable [] address(@Nullable Tensor gradient) {
            return gradient == null ? null : heads(gradient);
        }
    }
}
