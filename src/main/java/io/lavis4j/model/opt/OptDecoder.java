package io.lavis4j.model.opt;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.PrefixAttention;
import io.lavis4j.nn.RowCache;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * OPT as generation sees it: keys and values of the B prefixes once, and of each row's own tokens.
 *
 * <p>A row attends to its sample's prefix and to its own tokens in one softmax; the prefix is never copied per row.
 */
public final class OptDecoder implements Decoder {

    private final Opt opt;
    private final Tensor inputsEmbeds;
    private final Tensor attentionMask;
    private final Tensor prefixMask;
    private final long[] prefixLengths;
    private final KeyValueCache prefixes = new KeyValueCache();
    private final RowCache rows = new RowCache();

    /**
     * A decoder over prefixes; it keeps the two tensors until it is closed.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    public OptDecoder(Opt opt, Tensor inputsEmbeds, Tensor attentionMask) {
        opt.requireFits(inputsEmbeds, attentionMask);
        this.opt = opt;
        this.inputsEmbeds = Scopes.retained(() -> new Tensor(inputsEmbeds));
        this.attentionMask = Scopes.retained(() -> new Tensor(attentionMask));
        this.prefixMask = Scopes.retained(() -> AdditiveMask.padding(attentionMask)); // (B, 1, 1, P)
        this.prefixLengths = Tensors.longs(Scopes.keep(() -> attentionMask.sum(1)));
    }

    @Override
    public Tensor prefill() {
        return Scopes.keep(() -> opt.logits(opt.prefill(inputsEmbeds, attentionMask, prefixes))); // (B, V)
    }

    /** The prefixes' keys and values in a block, (B, H, P, d) each; owned by this decoder. */
    KeyValueCache.Pair prefixOfLayer(int index) {
        return prefixes.layer(index);
    }

    @Override
    public Tensor step(long[] tokens) {
        if (prefixes.size() == 0) {
            throw new IllegalStateException("a step before prefill");
        }
        return Scopes.keep(() -> {
            var device = inputsEmbeds.device();
            int rowsPerPrefix = tokens.length / prefixLengths.length;
            long[] positions = new long[tokens.length];
            Arrays.setAll(positions, r -> prefixLengths[r / rowsPerPrefix] + rows.length());

            var ids = Tensors.of(tokens, device).unsqueeze(1); // (R, 1)
            var x = opt.through(
                    opt.embed(ids).to(Tensors.dtype(inputsEmbeds)),
                    Tensors.of(positions, device).unsqueeze(1),
                    (layer, q, k, v) -> {
                        var own = rows.append(layer, k, v); // (R, H, T, d) each
                        return PrefixAttention.attend(q, prefixes.layer(layer), prefixMask, own, null);
                    }); // (R, 1, D)
            return opt.logits(opt.finish(x)).squeeze(1); // (R, V)
        });
    }

    @Override
    public void reorder(long[] order) {
        try (var scope = new PointerScope()) {
            rows.reorder(Tensors.of(order, inputsEmbeds.device()));
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
