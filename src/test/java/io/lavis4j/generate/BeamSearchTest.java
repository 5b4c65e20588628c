package io.lavis4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BeamSearchTest {

    private static final int EOS = 0;
    private static final EndTokens END = new EndTokens(EOS, 1);

    /** Every third model has quantised logits, so that scores are often equal. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void equalsTheNaiveSearch(int seed) {
        var random = new Random(seed);
        int B = 1 + random.nextInt(3), V = 3 + random.nextInt(12), K = 1 + random.nextInt(5);
        double scale = List.of(0.5, 1.0, 3.0).get(random.nextInt(3));
        var model = TableDecoder.random(random, B, V, scale, seed % 3 == 0 ? 0.5 : 0)
                .favouring(EOS, random.nextInt(6) - 3);
        long[][] initialIds =
                random.longs(B, 0, V).mapToObj(id -> new long[] {id, V - 1}).toArray(long[][]::new);
        var config = GenerationConfig.lavis()
                .withNumBeams(K)
                .withMaxLength(3 + random.nextInt(9))
                .withMinLength(1 + random.nextInt(8))
                .withRepetitionPenalty(1 + random.nextInt(3) / 4.0)
                .withLengthPenalty(random.nextInt(7) / 2.0 - 1)
                .withNumReturnSequences(1 + random.nextInt(K));

        assertThat(Generation.generate(model, initialIds, config, END))
                .as("seed %d, %d samples, %d tokens, %s", seed, B, V, config)
                .isDeepEqualTo(NaiveSearch.search(model, initialIds, config, END));
    }

    static IntStream seeds() {
        return IntStream.range(0, 400);
    }

    /** With as many beams as there are sequences, the search cannot miss the best. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("fewSeeds")
    void findsTheBestOfAllSequences(int seed) {
        var random = new Random(seed);
        var model = TableDecoder.random(random, 1, 3, 1, 0);
        double lengthPenalty = random.nextInt(7) / 2.0 - 1;
        var config = GenerationConfig.lavis().withNumBeams(27).withMaxLength(4).withLengthPenalty(lengthPenalty);
        var best = best(model, new long[0], 0, lengthPenalty);

        long[] found = Generation.generate(model, new long[][] {{2}}, config, END)[0];

        assertThat(LongStream.of(found).skip(1).limit(best.tokens().size()).boxed())
                .as("seed %d, length penalty %s", seed, lengthPenalty)
                .isEqualTo(best.tokens());
    }

    static IntStream fewSeeds() {
        return IntStream.range(0, 50);
    }

    private record Scored(List<Long> tokens, double score) {}

    /** The best of all continuations of {@code tokens}, three at most, in doubles. */
    private static Scored best(TableDecoder model, long[] tokens, double sum, double lengthPenalty) {
        int length = tokens.length + 1; // the initial id is counted
        if (tokens.length == 3) {
            return new Scored(LongStream.of(tokens).boxed().toList(), sum / Math.pow(length, lengthPenalty));
        }
        float[] logits = model.logits(0, tokens);
        double normalizer = Math.log(
                IntStream.range(0, 3).mapToDouble(i -> Math.exp(logits[i])).sum());
        var best = new Scored(
                LongStream.of(append(tokens, EOS)).boxed().toList(),
                (sum + logits[EOS] - normalizer) / Math.pow(length, lengthPenalty));
        for (int token = 1; token < 3; token++) {
            var other = best(model, append(tokens, token), sum + logits[token] - normalizer, lengthPenalty);
            best = other.score() > best.score() ? other : best;
        }
        return best;
    }

    private static long[] append(long[] tokens, long token) {
        return LongStream.concat(LongStream.of(tokens), LongStream.of(token)).toArray();
    }

    @Test
    void ofEquallyGoodHypothesesTheLaterIsReturnedAndTheEarlierDropped() {
        var hypotheses = new BeamHypotheses(2, 0);
        hypotheses.add(new long[] {1}, -1);
        hypotheses.add(new long[] {2}, -1);
        assertThat(hypotheses.best(1)).containsExactly(new long[] {2});

        hypotheses.add(new long[] {3}, -1);
        assertThat(hypotheses.best(2)).containsExactly(new long[] {2}, new long[] {1});

        hypotheses.add(new long[] {4}, -0.5);
        assertThat(hypotheses.best(2)).containsExactly(new long[] {4}, new long[] {2});
    }

    @Test
    void isDoneOnlyWhenFullAndNothingBetterCanCome() {
        var hypotheses = new BeamHypotheses(2, 1);
        hypotheses.add(new long[] {7, 7}, -2);
        assertThat(hypotheses.beats(-100, 3)).isFalse();

        hypotheses.add(new long[] {7, 7, 7}, -6); // -2 per token
        assertThat(hypotheses.beats(-7.9, 4)).isFalse();
        assertThat(hypotheses.beats(-8, 4)).isTrue();
    }

    @Test
    void endsWithTheEndTokenOnlyWhereItFits() {
        var model = new TableDecoder(1, 4, (sample, a, b, token) -> token == 3 ? 5 : token == EOS && b == 3 ? 4 : 0);
        var config = GenerationConfig.lavis()
                .withNumBeams(2)
                .withNumReturnSequences(2)
                .withMaxLength(3);

        assertThat(Generation.generate(model, new long[][] {{2}}, config, END))
                .isDeepEqualTo(new long[][] {{2, 3, 3}, {2, 3, EOS}});
    }
}
