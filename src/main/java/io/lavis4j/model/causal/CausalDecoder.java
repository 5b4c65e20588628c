package io.lavis4j.model.causal;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.TokenPaths;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A transformer as generation sees it. Keys and values of a sample's prefix and of all tokens that its K rows have
 * written stand side by side, with the paths that say which of them are a row's: neither a prefix is copied for rows,
 * nor a key for a row that continues another.
 */
final class CausalDecoder implements Decoder {

    private final CausalTransformer model;
    private final Tensor inputsEmbeds;
    private final @Nullable Tensor attentionMask;
    private final Tensor lengths; // (B, 1), real tokens of the prefixes
    private final KeyValueCache cache = new KeyValueCache();
    private final TokenPaths paths;
    private long steps;

    /**
     * A decoder over prefixes; it keeps the two tensors until it is closed.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens; {@code null} where all are
     */
    CausalDecoder(CausalTransformer model, Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        this(new CausalPass(model, inputsEmbeds, attentionMask));
    }

    private CausalDecoder(CausalPass given) {
        model = given.model();
        inputsEmbeds = Scopes.retained(() -> new Tensor(given.inputsEmbeds()));
        var mask = given.attentionMask();
        attentionMask = mask == null ? null : Scopes.retained(() -> new Tensor(mask));
        lengths = Scopes.retained(() -> Tensors.sum(given.real(), 1, true));
        try (var scope = new PointerScope()) {
            paths = new TokenPaths(given.real());
        }
    }

    /** @throws IllegalStateException if called again */
    @Override
    public Tensor prefill() {
        if (cache.length() != 0) {
            throw new IllegalStateException("a second prefill; expected a decoder of its own for each generation");
        }
        var pass = new CausalPass(model, inputsEmbeds, attentionMask);
        return Scopes.keep(() -> model.logits(pass.prefill(cache))); // (B, V)
    }

    /** @throws IllegalStateException before {@link #prefill} */
    @Override
    public Tensor step(long[] tokens) {
        if (cache.length() == 0) {
            throw new IllegalStateException("a step before prefill");
        }
        CausalPass.requireRoom(model, inputsEmbeds.size(1) + steps + 1);
        long B = inputsEmbeds.size(0), K = tokens.length / B;
        boolean masked = K > 1 || attentionMask != null; // a lone row sees all that it has written
        if (masked) {
            paths.write(K);
        }
        return Scopes.keep(() -> {
            var ids = Tensors.of(tokens, inputsEmbeds.device()).view(B, K);
            var positions = lengths.add(Tensors.scalar(steps++)).expand(B, K);
            var mask = masked
                    ? AdditiveMask.fused(paths.mask(), Autocast.dtype(inputsEmbeds)) // (B, 1, K, len)
                    : null;
            var x = model.embed(ids).to(Tensors.dtype(inputsEmbeds));
            var hidden = model.through(x, positions, (layer, q, k, v) -> {
                var all = cache.append(layer, k, v); // (B, H, len, d) each
                return Attention.attend(q, all.key(), all.value(), mask, 0);
            }); // (B, K, D)
            return model.logits(model.finish(hidden)).view(B * K, model.vocabSize()); // (R, V)
        });
    }

    @Override
    public void reorder(long[] rows) {
        paths.reorder(rows);
    }

    @Override
    public void close() {
        cache.close();
        paths.close();
        lengths.close();
        inputsEmbeds.close();
        if (attentionMask != null) {
            attentionMask.close();
        }
    }
}
