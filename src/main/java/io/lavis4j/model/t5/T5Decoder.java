package io.lavis4j.model.t5;

import io.lavis4j.generate.RowDecoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.KeyValueCache.Pair;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The decoder as generation sees it: keys and values of the B samples' encoded tokens once, which all rows of a sample
 * read in place, and of each row's own tokens. The start token, which is a sample's first own one, is read in
 * {@link #prefill}.
 */
final class T5Decoder extends RowDecoder {

    private final T5 model;
    private final int samples;
    private final Tensor mask;
    private final KeyValueCache encodedKeys = new KeyValueCache();
    private final KeyValueCache rows = new KeyValueCache();

    /**
     * Makes the encoded tokens' keys and values.
     *
     * @param encoded (B, P, D)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    T5Decoder(T5 model, Tensor encoded, Tensor attentionMask) {
        this.model = model;
        samples = Math.toIntExact(encoded.size(0));
        var blocks = model.decoderStack().blocks();
        for (int i = 0; i < blocks.size(); i++) {
            try (var block = new PointerScope()) {
                var pair = blocks.get(i).crossAttention().keysAndValues(encoded); // (B, H, P, d) each
                encodedKeys.append(i, pair.key().contiguous(), pair.value().contiguous());
            }
        }
        mask = Scopes.retained(() -> model.fused(AdditiveMask.padding(attentionMask))); // (B, 1, 1, P)
    }

    @Override
    protected Tensor start() {
        long[] start = new long[samples];
        Arrays.fill(start, model.config().decoderStartTokenId());
        return next(start); // (B, V)
    }

    @Override
    protected Tensor next(long[] tokens) {
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, mask.device()).unsqueeze(1); // (R, 1)
            var bias = model.fused(model.decoderStack().bias(rows.length(), 1)); // (1, H, 1, len + 1)
            var own = new Seen(this::append, bias);
            var encoded = new Seen((block, attention, x) -> encodedKeys.layer(block), mask);
            var hidden = model.decoderStack().forward(model.embed(ids), List.of(own, encoded)); // (R, 1, D)
            return model.logits(hidden).squeeze(1); // (R, V)
        });
    }

    private Pair append(int block, T5Attention attention, Tensor x) {
        var added = attention.keysAndValues(x); // (R, H, 1, d) each
        return rows.append(block, added.key(), added.value());
    }

    @Override
    protected void select(long[] order) {
        try (var scope = new PointerScope()) {
            rows.select(Tensors.of(order, mask.device()));
        }
    }

    @Override
    public void close() {
        encodedKeys.close();
        rows.close();
        mask.close();
    }
}
