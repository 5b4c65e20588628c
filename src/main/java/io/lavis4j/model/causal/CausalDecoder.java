package io.lavis4j.model.causal;

import static org.bytedeco.pytorch.global.torch.full;

import io.lavis4j.generate.RowDecoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.PrefixAttention;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A transformer as generation sees it: keys and values of the B prefixes once, and of each row's own tokens.
 *
 * <p>A row attends to its sample's prefix and to its own tokens in one softmax; the prefix is never copied per row.
 */
final class CausalDecoder extends RowDecoder {

    private final CausalTransformer model;
    private final Tensor inputsEmbeds;
    private final @Nullable Tensor attentionMask;
    private final @Nullable Tensor prefixMask;
    private final Tensor prefixLengths;
    private final KeyValueCache prefixes = new KeyValueCache();
    private final KeyValueCache rows = new KeyValueCache();

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
        long B = inputsEmbeds.size(0), P = inputsEmbeds.size(1);
        var mask = given.attentionMask();
        attentionMask = mask == null ? null : Scopes.retained(() -> new Tensor(mask));
        prefixMask = mask == null
                ? null
                : Scopes.retained(() -> AdditiveMask.padding(mask).to(Autocast.dtype(inputsEmbeds))); // (B, 1, 1, P)
        var options = Tensors.options(inputsEmbeds.device(), ScalarType.Long);
        prefixLengths = Scopes.retained(() -> mask == null
                ? full(new long[] {B, 1}, Tensors.scalar(P), options)
                : Tensors.sum(mask, 1, true)); // (B, 1)
    }

    @Override
    protected Tensor start() {
        var pass = new CausalPass(model, inputsEmbeds, attentionMask);
        return Scopes.keep(() -> model.logits(pass.prefill(prefixes))); // (B, V)
    }

    @Override
    protected Tensor next(long[] tokens) {
        CausalPass.requireRoom(model, inputsEmbeds.size(1) + rows.length() + 1);
        return Scopes.keep(() -> {
            long rowsPerPrefix = tokens.length / prefixLengths.size(0);
            var ids = Tensors.of(tokens, inputsEmbeds.device()).unsqueeze(1); // (R, 1)
            var positions = prefixLengths.add(Tensors.scalar(rows.length())); // (B, 1)
            var x = model.through(
                    model.embed(ids).to(Tensors.dtype(inputsEmbeds)),
                    Tensors.repeatRows(positions, rowsPerPrefix), // (R, 1)
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
        prefixLengths.close();
        inputsEmbeds.close();
        if (prefixMask != null && attentionMask != null) {
            prefixMask.close();
            attentionMask.close();
        }
    }
}
