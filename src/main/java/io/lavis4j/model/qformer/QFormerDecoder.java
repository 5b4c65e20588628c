package io.lavis4j.model.qformer;

import io.lavis4j.generate.RowDecoder;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A Q-Former as generation sees it: queries that have read images, and the captions after them. */
public final class QFormerDecoder extends RowDecoder {

    private final QFormer qformer;
    private final QFormerInput queries;
    private final long startToken;
    private final KeyValueCache cache = new KeyValueCache();

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

    @Override
    protected Tensor start() {
        long[] start;
        try (var scope = new PointerScope()) {
            start = new long[(int) qformer.forward(queries).size(0)];
        }
        Arrays.fill(start, startToken);
        return next(start); // (B, V)
    }

    @Override
    protected Tensor next(long[] tokens) {
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, qformer.device()).unsqueeze(1); // (R, 1)
            return qformer.logits(QFormerInput.caption(ids, null, cache)).squeeze(1); // (R, V)
        });
    }

    @Override
    protected void select(long[] order) {
        try (var scope = new PointerScope()) {
            cache.select(Tensors.of(order, qformer.device()));
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
