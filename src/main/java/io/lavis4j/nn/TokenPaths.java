package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.eye;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Which of the tokens that a sample's K rows have written, and that stand side by side, lie on each row's own path: a
 * row that continues another copies its path here, and nothing in a {@link KeyValueCache}.
 */
public final class TokenPaths implements AutoCloseable {

    static {
        Libtorch.load();
    }

    private final long samples;
    private Tensor visible; // (B, K, len), int64; (B, 1, P) before the first token

    /**
     * Paths that begin with the same tokens.
     *
     * @param samples B
     * @param common tokens that all rows of a sample see, P
     */
    public TokenPaths(long samples, long common, Device device) {
        this.samples = samples;
        visible =
                Scopes.retained(() -> ones(new long[] {samples, 1, common}, Tensors.options(device, ScalarType.Long)));
    }

    /**
     * Paths that begin with prefixes.
     *
     * @param real (B, P), int64, 1 for the tokens of a prefix that all rows of its sample see
     */
    public TokenPaths(Tensor real) {
        samples = real.size(0);
        visible = Scopes.retained(() -> real.unsqueeze(1));
    }

    /** Their number, B. */
    public long samples() {
        return samples;
    }

    /**
     * Every row writes a token, which it sees alone.
     *
     * @param K rows of a sample, the same in every call
     */
    public void write(long K) {
        replace(past -> Tensors.cat(
                2,
                past.expand(samples, K, past.size(2)),
                eye(K, Tensors.options(past.device(), ScalarType.Long)).expand(samples, K, K)));
    }

    /**
     * Makes row i continue the path of row {@code rows[i]}.
     *
     * @param rows R of them, R = B K
     */
    public void reorder(long[] rows) {
        replace(past -> past.view(rows.length, past.size(2))
                .index_select(0, Tensors.of(rows, past.device()))
                .view(past.shape()));
    }

    /**
     * The paths.
     *
     * @return (B, K, len), int64, 1 for tokens on a row's path; valid until the next change
     */
    public Tensor visible() {
        return visible;
    }

    /** The paths as they are added to scores, (B, 1, K, len), float32. */
    public Tensor mask() {
        return AdditiveMask.of(visible.unsqueeze(1), AdditiveMask.HIDDEN);
    }

    private void replace(UnaryOperator<Tensor> change) {
        var before = visible;
        visible = Scopes.retained(() -> change.apply(before));
        before.close();
    }

    @Override
    public void close() {
        visible.close();
    }
}
