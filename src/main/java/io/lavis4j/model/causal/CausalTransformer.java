package io.lavis4j.model.causal;

import io.lavis4j.generate.Decoder;
import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.tensor.Scopes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer: it says what its blocks are and where positions enter, and can then run rows, write and
 * score texts.
 *
 * <p>Positions count real tokens only: 0, 1, ... for these; the states of padding have no meaning.
 */
public interface CausalTransformer extends CausalLanguageModel {

    /** How new tokens attend in a block. */
    @FunctionalInterface
    interface Attend {

        /**
         * Attention of new tokens to themselves and to what is kept of others.
         *
         * @param layer index of the block
         * @param q (B, H, T, d)
         * @param k (B, K, T, d), K a divisor of H
         * @param v (B, K, T, d)
         * @return (B, H, T, d)
         */
        Tensor apply(int layer, Tensor q, Tensor k, Tensor v);
    }

    /** One of the blocks that stand one after the other. */
    interface Block {

        /**
         * Runs the block: keys and values of all tokens, and the rest of those that are read.
         *
         * @param x (B, T, D)
         * @param read of (B, T, D) the tokens whose outputs are read, (..., D)
         * @return (..., D)
         */
        Tensor forward(Tensor x, Attend attend, UnaryOperator<Tensor> read);

        /**
         * Runs the block, all of whose outputs are read.
         *
         * @param x (B, T, D)
         * @return (B, T, D)
         */
        default Tensor forward(Tensor x, Attend attend) {
            return forward(x, attend, UnaryOperator.identity());
        }
    }

    /** The blocks, the first one first. */
    List<? extends Block> blocks();

    /**
     * Word vectors as the first block takes them, in a tensor of its own; where positions are vectors, with these.
     *
     * @param x (B, T, W)
     * @param positions (B, T), int64
     * @return (B, T, D)
     */
    default Tensor start(Tensor x, Tensor positions) {
        return new Tensor(x);
    }

    /**
     * Attention of tokens at these positions, where positions are no vectors but change queries and keys.
     *
     * @param positions (B, T), int64
     */
    default Attend positioned(Attend attend, Tensor positions) {
        return attend;
    }

    /**
     * Everything after the last block, but for the scores of words.
     *
     * @param x (..., D)
     * @return (..., W)
     */
    Tensor finish(Tensor x);

    /** The shape. */
    CausalConfig config();

    /**
     * Word vectors through all blocks.
     *
     * @param x (B, T, W)
     * @param positions (B, T), int64
     * @return (B, T, D)
     */
    default Tensor through(Tensor x, Tensor positions, Attend attend) {
        return through(x, positions, attend, UnaryOperator.identity());
    }

    /**
     * Word vectors through all blocks, and tokens that are read through all of the last.
     *
     * @param x (B, T, W)
     * @param positions (B, T), int64
     * @param read of (B, T, D) the tokens whose outputs are read, (..., D)
     * @return (..., D)
     */
    default Tensor through(Tensor x, Tensor positions, Attend attend, UnaryOperator<Tensor> read) {
        var attention = positioned(attend, positions);
        var last = blocks().get(blocks().size() - 1);
        return Scopes.through(
                () -> start(x, positions),
                blocks(),
                (block, h) -> block == last ? block.forward(h, attention, read) : block.forward(h, attention));
    }

    @Override
    default int vocabSize() {
        return config().vocabSize();
    }

    @Override
    default int padTokenId() {
        return config().padTokenId();
    }

    @Override
    default Tensor forward(Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        return new CausalPass(this, inputsEmbeds, attentionMask).forward(UnaryOperator.identity());
    }

    @Override
    default Tensor forward(Tensor inputsEmbeds, @Nullable Tensor attentionMask, Tensor read) {
        return new CausalPass(this, inputsEmbeds, attentionMask)
                .forward(x -> x.flatten(0, 1).index_select(0, read)); // (n, W)
    }

    /**
     * Hidden states before each block, (B, T, D), and the output of {@link #forward}, (B, T, W); the caller's scope
     * owns them.
     */
    default List<Tensor> hiddenStates(Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        return new CausalPass(this, inputsEmbeds, attentionMask).hiddenStates();
    }

    @Override
    default Decoder decoder(Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        return new CausalDecoder(this, inputsEmbeds, attentionMask);
    }

    @Override
    default Prefix prefix(Tensor inputsEmbeds) {
        return new CausalPrefix(this, inputsEmbeds);
    }
}
