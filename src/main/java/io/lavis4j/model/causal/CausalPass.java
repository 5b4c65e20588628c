package io.lavis4j.model.causal;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.model.causal.CausalTransformer.Attend;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Whole rows through a transformer, where a token attends to real tokens up to itself.
 *
 * @param inputsEmbeds (B, T, W)
 * @param attentionMask (B, T), int64, 1 for real tokens; {@code null} where padding, if any, is on the right
 */
record CausalPass(
        CausalTransformer model,
        Tensor inputsEmbeds,
        @Nullable Tensor attentionMask) {

    CausalPass {
        long T = inputsEmbeds.size(1);
        if (attentionMask != null) {
            require(
                    attentionMask.size(1) == T,
                    "expected an attention mask over %d tokens, got %s",
                    T,
                    Tensors.shape(attentionMask));
        }
        requireRoom(model, T);
    }

    /** Refuses rows of more tokens than the model has positions. */
    static void requireRoom(CausalTransformer model, long tokens) {
        int most = model.config().maxPositionEmbeddings();
        require(tokens <= most, "expected at most %d tokens, got %d", most, tokens);
    }

    /**
     * Hidden states after the last norm.
     *
     * @param read of (B, T, D) the tokens that are read, (..., D)
     * @return (..., W)
     */
    Tensor forward(UnaryOperator<Tensor> read) {
        return Scopes.keep(() -> model.finish(model.through(inputsEmbeds, positions(), causal(), read)));
    }

    /** Hidden states before each block, (B, T, D), and after the last norm, (B, T, W). */
    List<Tensor> hiddenStates() {
        var positions = positions(); // (B, T)
        var attend = model.positioned(causal(), positions);
        var states = Scopes.trace(
                () -> model.start(inputsEmbeds, positions),
                model.blocks(),
                (block, x) -> block.forward(x, attend)); // (B, T, D) each
        int last = states.size() - 1;
        states.set(last, model.finish(states.get(last))); // (B, T, W)
        return states;
    }

    /**
     * The rows as prefixes of what continues them.
     *
     * @param cache receives their keys and values
     * @return the hidden state that predicts the first token after each row, (B, W)
     */
    Tensor prefill(KeyValueCache cache) {
        return Scopes.keep(() -> {
            var causal = causal();
            Attend keeping = (layer, q, k, v) -> {
                cache.append(layer, k.contiguous(), v.contiguous()); // (B, K, T, d) each
                return causal.apply(layer, q, k, v);
            };
            long T = inputsEmbeds.size(1);
            return model.finish(model.through(inputsEmbeds, positions(), keeping, x -> x.select(1, T - 1))); // (B, W)
        });
    }

    private Attend causal() {
        if (attentionMask == null) {
            return (layer, q, k, v) -> Attention.attendCausally(q, k, v);
        }
        var mask = AdditiveMask.fused(AdditiveMask.causal(attentionMask), Autocast.dtype(inputsEmbeds)); // (B, 1, T, T)
        return (layer, q, k, v) -> Attention.attend(q, k, v, mask, 0);
    }

    /** 1 for real tokens, (B, T), int64. */
    Tensor real() {
        return attentionMask == null
                ? ones(
                        new long[] {inputsEmbeds.size(0), inputsEmbeds.size(1)},
                        Tensors.options(inputsEmbeds.device(), ScalarType.Long))
                : attentionMask;
    }

    /** (B, T), or (1, T) where those of all rows are the same. */
    private Tensor positions() {
        return attentionMask == null
                ? Tensors.range(0, inputsEmbeds.size(1), inputsEmbeds.device()).unsqueeze(0)
                : attentionMask.cumsum(1).mul(attentionMask).sub(Tensors.scalar(1));
    }
}
