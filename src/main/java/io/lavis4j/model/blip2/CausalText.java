package io.lavis4j.model.blip2;

import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Texts of a decoder-only language model that stand after query outputs.
 *
 * <p>Dimensions: B rows, Q queries, T text tokens, L = Q + T, W width of words and of projected queries, V vocabulary.
 */
public record CausalText(CausalLanguageModel model) {

    /**
     * Texts to learn.
     *
     * @param ids B rows of T tokens
     * @param attentionMask B rows of T, 1 for real tokens
     * @param positions those (b, t) that are targets, as b T + t
     * @param targets the tokens there
     */
    public record Labelled(long[][] ids, long[][] attentionMask, long[] positions, long[] targets) {

        /**
         * Texts whose tokens are targets but for those at the start and for padding.
         *
         * @param skipped tokens at the start of each text that are no targets
         */
        public static Labelled from(BatchEncoding tokens, int skipped, long padTokenId) {
            int T = tokens.ids()[0].length;
            long[] flat =
                    Arrays.stream(tokens.ids()).flatMapToLong(Arrays::stream).toArray(); // B T
            long[] positions = LongStream.range(0, flat.length)
                    .filter(i -> i % T >= skipped && flat[(int) i] != padTokenId)
                    .toArray();
            long[] targets = Arrays.stream(positions).map(i -> flat[(int) i]).toArray();
            return new Labelled(tokens.ids(), tokens.attentionMask(), positions, targets);
        }

        /** The row that a target is in. */
        int row(int target) {
            return (int) (positions[target] / ids[0].length);
        }

        /** Targets in each row, B. */
        int[] counts() {
            int[] counts = new int[ids.length];
            for (int i = 0; i < positions.length; i++) {
                counts[row(i)]++;
            }
            return counts;
        }

        /**
         * Answers, each directly after what it answers, then padding; the answers' tokens are targets.
         *
         * @param inputs B rows without padding
         * @param outputs B rows without padding; the token at the start of each is left out
         */
        public static Labelled answers(long[][] inputs, long[][] outputs, long padTokenId) {
            int B = inputs.length;
            int T = IntStream.range(0, B)
                    .map(b -> inputs[b].length + outputs[b].length - 1)
                    .max()
                    .orElseThrow();
            long[][] ids = new long[B][T], attentionMask = new long[B][T];
            var positions = LongStream.builder();
            var targets = LongStream.builder();
            for (int b = 0; b < B; b++) {
                int start = inputs[b].length, end = start + outputs[b].length - 1;
                Arrays.fill(ids[b], padTokenId);
                System.arraycopy(inputs[b], 0, ids[b], 0, start);
                System.arraycopy(outputs[b], 1, ids[b], start, end - start);
                Arrays.fill(attentionMask[b], 0, end, 1);
                for (int t = start; t < end; t++) {
                    positions.add((long) b * T + t);
                    targets.add(ids[b][t]);
                }
            }
            return new Labelled(
                    ids,
                    attentionMask,
                    positions.build().toArray(),
                    targets.build().toArray());
        }
    }

    /**
     * Mean cross-entropy of the targets. Words are scored only where one is: the hidden state before a target predicts
     * it, and a query output comes before the first.
     *
     * @param queries (B, Q, W)
     * @return scalar, float32
     */
    public Tensor loss(Tensor queries, Labelled texts) {
        long Q = queries.size(1), T = texts.ids()[0].length, L = Q + T, W = queries.size(2);
        var device = queries.device();
        var embeds = prepend(queries, texts.ids()); // (B, L, W)
        var hidden =
                model.forward(embeds, mask(queries, texts.attentionMask())).reshape(queries.size(0) * L, W); // (B L, W)

        long[] rows = Arrays.stream(texts.positions())
                .map(i -> i / T * L + Q + i % T - 1)
                .toArray();
        var logits = model.logits(hidden.index_select(0, Tensors.of(rows, device))); // (targets, V)
        return CrossEntropy.mean(logits, Tensors.of(texts.targets(), device));
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
        try (var decoder = model.decoder(prepend(queries, prompts.ids()), mask(queries, prompts.attentionMask()))) {
            return Generation.generate(decoder, start, generation, end);
        }
    }

    /**
     * Query outputs and the words after them.
     *
     * @param queries (B, Q, W)
     * @param ids B rows of T tokens
     * @return (B, L, W)
     */
    public Tensor prepend(Tensor queries, long[][] ids) {
        var words = model.embed(Tensors.of(ids, queries.device())); // (B, T, W)
        return Tensors.cat(1, queries, words.to(Tensors.dtype(queries))); // (B, L, W)
    }

    /** The attention mask over queries and words, (B, L), int64: all queries are seen. */
    static Tensor mask(Tensor queries, long[][] attentionMask) {
        var device = queries.device();
        var all = ones(new long[] {queries.size(0), queries.size(1)}, Tensors.options(device, ScalarType.Long));
        return Tensors.cat(1, all, Tensors.of(attentionMask, device)); // (B, L)
    }
}
