package io.lavis4j.model.blip2;

import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.nn.ChunkedCrossEntropy;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensor.Upload;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Labelled;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts of a decoder-only language model that stand after query outputs.
 *
 * <p>Dimensions: B rows, Q queries, T text tokens, L = Q + T, W width of words and of projected queries, V vocabulary.
 */
public record CausalText(CausalLanguageModel model) {

    /**
     * Texts to learn on a device, int64.
     *
     * @param ids (B, T)
     * @param positions (n), of B T
     * @param targets (n)
     * @param weights (n), float32, of the targets in the loss; (0) where each counts as much
     */
    record Learned(Tensor ids, Tensor positions, Tensor targets, Tensor weights) {

        /** In one copy, and one for weights. */
        static Learned of(Labelled texts, Device device) {
            var all = new Upload()
                    .add(texts.ids())
                    .add(texts.positions())
                    .add(texts.targets())
                    .to(device);
            return new Learned(all.get(0), all.get(1), all.get(2), Tensors.of(texts.weights(), device));
        }

        /**
         * The tokens before the targets in rows of queries and text, (n), of B L.
         *
         * @param Q queries
         */
        Tensor before(long Q) {
            var rows = positions.floor_divide(Tensors.scalar(ids.size(1))); // (n)
            return positions.add(rows.mul(Tensors.scalar(Q))).add(Tensors.scalar(Q - 1)); // b T + t to b L + Q + t - 1
        }

        /**
         * Mean cross-entropy of the targets.
         *
         * @param hidden (n, W), what predicts them
         * @param head makes logits (m, V) of (m, W)
         */
        Tensor loss(Tensor hidden, UnaryOperator<Tensor> head) {
            return weights.numel() == 0
                    ? ChunkedCrossEntropy.mean(hidden, head, targets)
                    : ChunkedCrossEntropy.perRow(hidden, head, targets)
                            .mul(weights)
                            .sum()
                            .div(weights.sum());
        }
    }

    /**
     * Mean cross-entropy of targets.
     *
     * @param tokens targets
     * @param weight of them together
     * @param on copies the texts to a device, and there makes of query outputs (B, Q, W) a scalar, float32
     */
    public record TokenLoss(int tokens, double weight, Function<Device, UnaryOperator<Tensor>> on) {}

    /**
     * The loss of texts. Words are scored only where one is a target: the hidden state before it predicts it, and a
     * query output comes before the first.
     */
    public TokenLoss loss(Labelled texts) {
        return new TokenLoss(texts.targets().length, texts.weight(), device -> {
            var learned = Learned.of(texts, device);
            return queries -> loss(queries, learned);
        });
    }

    private Tensor loss(Tensor queries, Learned texts) {
        var before = texts.before(queries.size(1)); // (n)
        var hidden = model.forward(prepend(queries, texts.ids()), null, before); // (n, W)
        return texts.loss(hidden, model::logits);
    }

    /**
     * Continues prompts.
     *
     * @param queries (B, Q, W)
     * @param prompts B rows, padded on the left
     * @param bosTokenId stands for the prefix in lengths and penalties
     * @return generated tokens, {@code numReturnSequences} rows for each prompt, adjacent
     */
    public long[][] generate(
            Tensor queries, BatchEncoding prompts, long bosTokenId, GenerationConfig generation, EndTokens end) {
        long[][] start = new long[prompts.ids().length][];
        Arrays.fill(start, new long[] {bosTokenId});
        var tokens = TextTokens.of(prompts, queries.device());
        var mask = prompts.padded() ? mask(queries, tokens.mask()) : null; // (B, L)
        try (var decoder = model.decoder(prepend(queries, tokens.ids()), mask)) {
            return Generation.generate(decoder, start, generation, end);
        }
    }

    /**
     * Query outputs and the words after them.
     *
     * @param queries (B, Q, W)
     * @param ids (B, T), int64
     * @return (B, L, W)
     */
    public Tensor prepend(Tensor queries, Tensor ids) {
        var words = model.embed(ids); // (B, T, W)
        return Tensors.cat(1, queries, words.to(Tensors.dtype(queries))); // (B, L, W)
    }

    /**
     * The attention mask over queries, which are all seen, and words, (B, L), int64.
     *
     * @param queries (B, Q, any)
     * @param attentionMask (B, T), int64
     */
    static Tensor mask(Tensor queries, Tensor attentionMask) {
        var all = ones(new long[] {queries.size(0), queries.size(1)}, attentionMask.options());
        return Tensors.cat(1, all, attentionMask); // (B, L)
    }
}
