package io.lavis4j.model.qformer;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.TokenPaths;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A Q-Former as generation sees it: queries that have read images, and side by side the captions of a sample's K rows
 * after them, with the paths that say which tokens are a row's.
 */
public final class QFormerDecoder implements Decoder {

    private final QFormer qformer;
    private final QFormerInput queries;
    private final long startToken;
    private final KeyValueCache cache = new KeyValueCache();
    private @Nullable TokenPaths paths;
    private long length; // of a caption, the start token included

    /**
     * A decoder over images.
     *
     * @param queries (B, Q, D) about to read image tokens; their tensors stay the caller's
     * @param startToken that every caption begins with
     */
    public QFormerDecoder(QFormer qformer, QFormerInput queries, long startToken) {
        this.qformer = qformer;
        this.queries = queries.withCache(cache);
        this.startToken = startToken;
    }

    /** @throws IllegalStateException if called again */
    @Override
    public Tensor prefill() {
        if (paths != null) {
            throw new IllegalStateException("a second prefill; expected a decoder of its own for each generation");
        }
        long samples;
        try (var scope = new PointerScope()) {
            samples = qformer.forward(queries).size(0);
        }
        var started = new TokenPaths(samples, cache.length() + 1, qformer.device());
        paths = started;
        long[] start = new long[Math.toIntExact(samples)];
        Arrays.fill(start, startToken);
        return read(start, started); // (B, V)
    }

    /** @throws IllegalStateException before {@link #prefill} */
    @Override
    public Tensor step(long[] tokens) {
        var written = started();
        written.write(tokens.length / written.samples());
        return read(tokens, written);
    }

    private Tensor read(long[] tokens, TokenPaths written) {
        long B = written.samples(), K = tokens.length / B;
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, qformer.device()).view(B, K);
            var seen = K == 1 ? null : written.visible(); // (B, K, len)
            var logits = qformer.logits(QFormerInput.written(ids, seen, length++, cache)); // (B, K, V)
            return logits.view(tokens.length, logits.size(2)); // (R, V)
        });
    }

    @Override
    public void reorder(long[] rows) {
        started().reorder(rows);
    }

    private TokenPaths started() {
        if (paths == null) {
            throw new IllegalStateException("a step before prefill");
        }
        return paths;
    }

    @Override
    public void close() {
        cache.close();
        if (paths != null) {
            paths.close();
        }
    }
}
