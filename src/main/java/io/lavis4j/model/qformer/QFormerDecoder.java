package io.lavis4j.model.qformer;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A Q-Former as generation sees it: queries that have read images, and the captions after them. */
public final class QFormerDecoder implements Decoder {

    private final QFormer qformer;
    private final QFormerInput queries;
    private final long startToken;
    private final KeyValueCache cache = new KeyValueCache();
    private int rows;

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
    public Tensor prefill() {
        try (var scope = new PointerScope()) {
            rows = (int) qformer.forward(queries).size(0);
        }
        long[] start = new long[rows];
        Arrays.fill(start, startToken);
        return step(start); // (B, V)
    }

    @Override
    public Tensor step(long[] tokens) {
        if (rows == 0) {
            throw new IllegalStateException("a step before prefill");
        }
        if (tokens.length != rows) {
            int perSample = tokens.length / rows;
            select(LongStream.range(0, tokens.length)
                    .map(row -> row / perSample)
                    .toArray());
            rows = tokens.length;
        }
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, qformer.device()).unsqueeze(1); // (R, 1)
            return qformer.logits(QFormerInput.caption(ids, null, cache)).squeeze(1); // (R, V)
        });
    }

    @Override
    public void reorder(long[] order) {
        select(order);
    }

    private void select(long[] order) {
        try (var scope = new PointerScope()) {
            cache.select(Tensors.of(order, qformer.device()));
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
