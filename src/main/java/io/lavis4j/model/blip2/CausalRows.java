package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.log_softmax;

import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Likelihoods of rows of tokens after query outputs: query outputs and the tokens that all rows begin with are computed
 * once for all rows.
 */
final class CausalRows implements Likelihoods {

    /** As many scores of words at a time, 128 MiB. */
    private static final int MAX_LOGITS = 1 << 25;

    private final CausalText text;
    private final long[][] ids;
    private final int first;
    private final long[][] prefix;
    private final List<Batch> batches = new ArrayList<>();

    /**
     * Tokenised texts, put into batches.
     *
     * @param ids tokens of each text
     * @param first index of the first token that counts, at least 1; every text has it
     */
    CausalRows(CausalText text, long[][] ids, int first, int textsPerBatch) {
        requireTexts(ids.length, textsPerBatch);
        this.text = text;
        this.ids = ids;
        this.first = first;
        int shared = shared(ids, first);
        prefix = new long[][] {Arrays.copyOf(ids[0], shared)};
        int[] byLength = Order.by(i -> ids[i].length, ids.length);
        for (int start = 0; start < byLength.length; start += textsPerBatch) {
            int end = Math.min(byLength.length, start + textsPerBatch);
            batches.add(batch(Arrays.copyOfRange(byLength, start, end), shared));
        }
    }

    /** Refuses no text, and batches without one. */
    static void requireTexts(int texts, int textsPerBatch) {
        require(
                texts > 0 && textsPerBatch > 0,
                "expected at least one text to score and 1 in a batch, got %d and %d",
                texts,
                textsPerBatch);
    }

    /**
     * Answers after one input, all of whose tokens count.
     *
     * @param outputs tokens of each answer; the first, at its start, is left out
     * @throws IllegalArgumentException if one has no other
     */
    static CausalRows answers(CausalText text, long[] input, long[][] outputs, int textsPerBatch) {
        long[][] ids = new long[outputs.length][];
        for (int i = 0; i < ids.length; i++) {
            int T = outputs[i].length - 1;
            require(T > 0, "text %d of %d is empty; expected at least one word", i, ids.length);
            ids[i] = Arrays.copyOf(input, input.length + T);
            System.arraycopy(outputs[i], 1, ids[i], input.length, T);
        }
        return new CausalRows(text, ids, input.length, textsPerBatch);
    }

    /** How many tokens all rows begin with, up to {@code most}. */
    private static int shared(long[][] ids, int most) {
        int shared = most;
        for (long[] row : ids) {
            int mismatch = Arrays.mismatch(row, 0, shared, ids[0], 0, shared);
            shared = mismatch < 0 ? shared : mismatch;
        }
        return shared;
    }

    /**
     * Texts of similar length.
     *
     * @param inputs (R, T), what stands after the shared tokens but the last token, padded on the right
     * @param rows which of the R T hidden states predict
     * @param targets what they predict
     * @param owners which text that belongs to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Batch(long[][] inputs, long[] rows, long[] targets, int[] owners) {}

    private Batch batch(int[] texts, int shared) {
        int T = ids[texts[texts.length - 1]].length - shared - 1; // the last token predicts nothing
        long[][] inputs = new long[texts.length][T];
        var rows = new ArrayList<long[]>(); // hidden state, target, text
        for (int r = 0; r < texts.length; r++) {
            long[] row = ids[texts[r]];
            Arrays.fill(inputs[r], text.model().padTokenId());
            System.arraycopy(row, shared, inputs[r], 0, row.length - shared - 1);
            for (int t = Math.max(first, shared + 1); t < row.length; t++) {
                rows.add(new long[] {(long) r * T + t - shared - 1, row[t], texts[r]});
            }
        }
        return new Batch(
                inputs,
                rows.stream().mapToLong(row -> row[0]).toArray(),
                rows.stream().mapToLong(row -> row[1]).toArray(),
                rows.stream().mapToInt(row -> (int) row[2]).toArray());
    }

    @Override
    public int[] counts() {
        return Arrays.stream(ids).mapToInt(row -> row.length - first).toArray();
    }

    @Override
    public double[] sums(Tensor queries) {
        double[] sums = new double[ids.length];
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var before = text.model().prefix(text.prepend(queries, Tensors.of(prefix, queries.device())))) {
            addFirstTokens(before, sums);
            for (var batch : batches) {
                if (batch.rows().length > 0) {
                    add(before, batch, sums);
                }
            }
        }
        return sums;
    }

    /** Where the prefix ends before the first token that counts, its last state predicts that token. */
    private void addFirstTokens(CausalLanguageModel.Prefix before, double[] sums) {
        int shared = prefix[0].length;
        if (shared == first) {
            var logits = text.model().logits(before.last()).to(ScalarType.Float); // (1, V)
            float[] likelihoods = Tensors.floats(log_softmax(logits, 1));
            for (int i = 0; i < ids.length; i++) {
                sums[i] += likelihoods[(int) ids[i][shared]];
            }
        }
    }

    private void add(CausalLanguageModel.Prefix before, Batch batch, double[] sums) {
        try (var scope = new PointerScope()) {
            var device = before.last().device();
            var states = before.forward(Tensors.of(batch.inputs(), device), Tensors.of(batch.rows(), device)); // (n, W)
            int step = Math.max(1, MAX_LOGITS / text.model().vocabSize());
            for (int start = 0; start < batch.rows().length; start += step) {
                int end = Math.min(batch.rows().length, start + step);
                float[] losses = losses(states, batch, start, end);
                for (int i = start; i < end; i++) {
                    sums[batch.owners()[i]] -= losses[i - start];
                }
            }
        }
    }

    private float[] losses(Tensor states, Batch batch, int start, int end) {
        try (var scope = new PointerScope()) {
            var targets = Tensors.of(Arrays.copyOfRange(batch.targets(), start, end), states.device());
            var logits = text.model().logits(states.narrow(0, start, end - start)); // (n, V)
            return Tensors.floats(CrossEntropy.perRow(logits, targets)); // (n)
        }
    }
}
