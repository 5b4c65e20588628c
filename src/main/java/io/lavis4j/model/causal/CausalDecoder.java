package io.lavis4j.model.causal;

import io.lavis4j.generate.RowDecoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.PrefixAttention;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer as generation sees it: keys and values of the B prefixes once, and of each row's own tokens.
 *
 * <p>A row attends to its sample's prefix and to its own tokens in one softmax; the prefix is never copied per row.
 */
final class CausalDecoder extends RowDecoder {

    private final CausalTransformer model;
    private final Tensor inputsEmbeds;
    private final Tensor attentionMask;
    private final Tensor prefixMask;
    private final long[] prefixLengths;
    private final long longestPrefix;
    private final KeyValueCache prefixes = new KeyValueCache();
    private final KeyValueCache rows = new KeyValueCache();

    /**
     * A decoder over prefixes; it keeps the two tensors until it is closed.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    CausalDecoder(CausalTransformer model, Tensor inputsEmbeds, Tensor attentionMask) {
        this(new CausalPass(model, inputsEmbeds, attentionMask));
    }

    private CausalDecoder(CausalPass given) {
        model = given.model();
        inputsEmbeds = Scopes.retained(() -> new Tensor(given.inputsEmbeds()));
        attentionMask = Scopes.retained(() -> new Tensor(given.attentionMask()));
        prefixMask = Scopes.retained(() -> AdditiveMask.padding(attentionMask)); // (B, 1, 1, P)
        prefixLengths = Tensors.longs(Scopes.keep(() -> attentionMask.sum(1)));
        longestPrefix = Arrays.stream(prefixLengths).max().orElseThrow();
    }

    @Override
    protected Tensor start() {
        var pass = new CausalPass(model, inputsEmbeds, attentionMask);
        return Scopes.keep(() -> model.logits(pass.prefill(prefixes))); // (B, V)
    }

    @Override
    protected Tensor next(long[] tokens) {
        CausalPass.requireRoom(model, longestPrefix + rows.length() + 1);
        return Scopes.keep(() -> {
            var device = inputsEmbeds.device();
            int rowsPerPrefix = tokens.length / prefixLengths.length;
            long[] positions = new long[tokens.length];
            Arrays.setAll(positions, r -> prefixLengths[r / rowsPerPrefix] + rows.length());

            var ids = Tensors.of(tokens, device).unsqueeze(1); // (R, 1)
            var x = model.through(
                    model.embed(ids).to(Tensors.dtype(inputsEmbeds)),
                    Tensors.of(positions, device).unsqueeze(1),
                    (layer, q, k, v) -> {
                        var own = rows.append(layer, k, v); // (R, K, T, d) each
                        return PrefixAttention.attend(q, prefixes.layer(layer), prefixMask, own, null);
                    }); // (R, 1, D)
            return model.logits(model.finish(x)).squeeze(1); // (R, V)
        });
    }

    @Override
    protected void select(long[] order) {
        try (var scope = new PointerScope()) {
            rows.select(Tensors.of(order, inputsEmbeds.device()));
        }
    }

    @Override
    public void close() {
        prefixes.close();
        rows.close();
        prefixMask.close();
        inputsEmbeds.close();
        attentionMask.close();
    }
}
