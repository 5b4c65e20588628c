package io.lavis4j.tokenize;

import static io.lavis4j.io.Arguments.require;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Texts to learn: rows of tokens, padded on the right, and those of the tokens that are targets.
 *
 * @param ids B rows of T tokens
 * @param attentionMask B rows of T, 1 for real tokens, which come first
 * @param positions those (b, t) that are targets, as b T + t
 * @param targets the tokens there
 * @param weights of the targets in a loss, above 0; empty where each counts as much
 */
public record Labelled(long[][] ids, long[][] attentionMask, long[] positions, long[] targets, float[] weights) {

    private static final float[] NO_WEIGHTS = {};

    /** @throws IllegalArgumentException if padding stands before a real token */
    public Labelled {
        for (long[] row : attentionMask) {
            require(
                    IntStream.range(1, row.length).allMatch(t -> row[t] <= row[t - 1]),
                    "texts to learn are padded on the right, got the mask %s",
                    Arrays.toString(row));
        }
    }

    /**
     * Texts whose tokens are targets but for those at the start and for padding.
     *
     * @param skipped tokens at the start of each text that are no targets
     */
    public static Labelled from(BatchEncoding tokens, int skipped, long padTokenId) {
        int T = tokens.ids()[0].length;
        long[] flat = Arrays.stream(tokens.ids()).flatMapToLong(Arrays::stream).toArray(); // B T
        long[] positions = LongStream.range(0, flat.length)
                .filter(i -> i % T >= skipped && flat[(int) i] != padTokenId)
                .toArray();
        long[] targets = Arrays.stream(positions).map(i -> flat[(int) i]).toArray();
        return new Labelled(tokens.ids(), tokens.attentionMask(), positions, targets, NO_WEIGHTS);
    }

    /**
     * The same, where the targets of each row have a weight.
     *
     * @param ofRows B, above 0; empty where each counts as much
     */
    public Labelled weighted(double[] ofRows) {
        if (ofRows.length == 0) {
            return this;
        }
        require(
                ofRows.length == ids.length && Arrays.stream(ofRows).allMatch(weight -> weight > 0),
                "expected a weight above 0 for each of %d texts, got %s",
                ids.length,
                Arrays.toString(ofRows));
        float[] all = new float[targets.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) ofRows[row(i)];
        }
        return new Labelled(ids, attentionMask, positions, targets, all);
    }

    /** The weights of all targets together: how many there are where each counts as much. */
    public double weight() {
        double weight = weights.length == 0 ? targets.length : 0;
        for (float own : weights) {
            weight += own;
        }
        return weight;
    }

    /** The row that a target is in. */
    public int row(int target) {
        return (int) (positions[target] / ids[0].length);
    }

    /** Targets in each row, B. */
    public int[] counts() {
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
                ids, attentionMask, positions.build().toArray(), targets.build().toArray(), NO_WEIGHTS);
    }
}
