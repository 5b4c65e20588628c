package io.lavis4j.model.t5;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.KeyValueCache.Pair;
import io.lavis4j.nn.TokenPaths;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The decoder as generation sees it: keys and values of the B samples' encoded tokens once, which all rows of a sample
 * read in place, and side by side those of all tokens that its K rows have written, with the paths that say which of
 * them are a row's. The start token, which all rows share, is read in {@link #prefill}.
 */
final class T5Decoder implements Decoder {

    private final T5 model;
    private final int samples;
    private final Tensor mask;
    private final KeyValueCache encodedKeys = new KeyValueCache();
    private final KeyValueCache written = new KeyValueCache();
    private final TokenPaths paths;
    private long length; // of a row, the start token included

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
        paths = new TokenPaths(samples, 1, mask.device());
    }

    /** @throws IllegalStateException if called again */
    @Override
    public Tensor prefill() {
        if (length != 0) {
            throw new IllegalStateException("a second prefill; expected a decoder of its own for each generation");
        }
        long[] start = new long[samples];
        Arrays.fill(start, model.config().decoderStartTokenId());
        return read(start); // (B, V)
    }

    /** @throws IllegalStateException before {@link #prefill} */
    @Override
    public Tensor step(long[] tokens) {
        if (length == 0) {
            throw new IllegalStateException("a step before prefill");
        }
        paths.write(tokens.length / samples);
        return read(tokens);
    }

    private Tensor read(long[] tokens) {
        long K = tokens.length / samples;
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, mask.device()).view(samples, K);
            var own = new Seen(this::append, model.fused(ownMask(K)));
            var encoded = new Seen((block, attention, x) -> encodedKeys.layer(block), mask);
            var hidden = model.decoderStack().forward(model.embed(ids), List.of(own, encoded)); // (B, K, D)
            length++;
            return model.logits(hidden).view(tokens.length, model.config().vocabSize()); // (R, V)
        });
    }

    /** The biases of the next tokens, all of which stand at the same position, (1 or B, H, K, len). */
    private Tensor ownMask(long K) {
        var bias = model.decoderStack().bias(length, 1); // (1, H, 1, length + 1)
        if (K == 1) {
            return bias;
        }
        long H = bias.size(1);
        var start = bias.narrow(3, 0, 1);
        var others = bias.narrow(3, 1, length).unsqueeze(4).expand(1, H, 1, length, K);
        return Tensors.cat(3, start, others.reshape(1, H, 1, length * K)).add(paths.mask());
    }

    private Pair append(int block, T5Attention attention, Tensor x) {
        var added = attention.keysAndValues(x); // (B, H, K, d) each
        return written.append(block, added.key(), added.value());
    }

    @Override
    public void reorder(long[] rows) {
        paths.reorder(rows);
    }

    @Override
    public void close() {
        encodedKeys.close();
        written.close();
        paths.close();
        mask.close();
    }
}
