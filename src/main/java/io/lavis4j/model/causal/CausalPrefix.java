package io.lavis4j.model.causal;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.model.causal.CausalTransformer.Attend;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.PrefixAttention;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A transformer after one prefix that any number of known texts continue: the prefix is run once, and its keys and
 * values are read by all texts in place.
 *
 * <p>Where {@link CausalDecoder} adds one token at a time to rows that are being written, this runs whole rows at once.
 */
final class CausalPrefix implements CausalLanguageModel.Prefix {

    private final CausalTransformer model;
    private final Tensor last;
    private final ScalarType dtype;
    private final long length;
    private final KeyValueCache cache = new KeyValueCache();

    /**
     * Runs the prefix.
     *
     * @param inputsEmbeds (1, P, W), without padding
     */
    CausalPrefix(CausalTransformer model, Tensor inputsEmbeds) {
        this.model = model;
        dtype = Tensors.dtype(inputsEmbeds);
        length = inputsEmbeds.size(1);
        try {
            last = Scopes.retained(() -> new CausalPass(model, inputsEmbeds, null).prefill(cache)); // (1, W)
        } catch (RuntimeException | Error e) {
            cache.close();
            throw e;
        }
    }

    @Override
    public Tensor last() {
        return last;
    }

    /**
     * Runs texts after the prefix. Texts of different lengths are padded on the right with any token: nothing that
     * stands before the padding sees it.
     *
     * @param ids (R, T), int64
     * @return hidden states after the last norm and projection, (R, T, W)
     * @throws IllegalArgumentException if prefix and texts are longer than the model's positions
     */
    @Override
    public Tensor forward(Tensor ids) {
        return forward(ids, UnaryOperator.identity());
    }

    @Override
    public Tensor forward(Tensor ids, Tensor read) {
        return forward(ids, x -> x.flatten(0, 1).index_select(0, read)); // (n, W)
    }

    private Tensor forward(Tensor ids, UnaryOperator<Tensor> read) {
        long T = ids.size(1), most = model.config().maxPositionEmbeddings();
        require(length + T <= most, "expected at most %d tokens, got %d and %d in front of them", most, T, length);
        return Scopes.keep(() -> {
            var mask = AdditiveMask.causal(T, ids.device()).to(Autocast.dtype(last)); // (T, T)
            var positions = Tensors.range(length, length + T, ids.device()).unsqueeze(0); // (1, T)
            Attend continuing = (layer, q, k, v) -> {
                var own = new KeyValueCache.Pair(k, v); // (R, K, T, d) each
                return PrefixAttention.attend(q, cache.layer(layer), null, own, mask);
            };
            return model.finish(model.through(model.embed(ids).to(dtype), positions, continuing, read)); // (..., W)
        });
    }

    @Override
    public void close() {
        last.close();
        cache.close();
    }
}
