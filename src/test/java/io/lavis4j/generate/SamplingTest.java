package io.lavis4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.RandomState;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SamplingTest {

    private static final int EOS = 0;
    private static final int V = 9;
    private static final EndTokens END = new EndTokens(EOS, 1);
    private static final long[][] START = {{2}, {2}};
    private static final GenerationConfig NUCLEUS =
            GenerationConfig.lavis().withDoSample(true).withNumBeams(1).withMaxLength(12);

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theBestTokenAloneIsGreedySearch(int seed) {
        var model = TableDecoder.random(new Random(seed), 2, V, 1, 0);
        long[][] greedy = Generation.generate(model, START, NUCLEUS.withDoSample(false), END);

        assertThat(Generation.generate(fresh(model), START, NUCLEUS.withTopK(1), END))
                .as("seed %d", seed)
                .isDeepEqualTo(greedy);
        assertThat(Generation.generate(fresh(model), START, NUCLEUS.withTopP(0), END))
                .as("seed %d", seed)
                .isDeepEqualTo(greedy);
        assertThat(Generation.generate(fresh(model), START, NUCLEUS.withTemperature(1e-6), END))
                .as("seed %d", seed)
                .isDeepEqualTo(greedy);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyTokenIsOneOfTheTopKAndOfTheNucleus(int seed) {
        var random = new Random(seed);
        var model = TableDecoder.random(random, 2, V, 2, 0);
        int numBeams = 1 + random.nextInt(3);
        var config = NUCLEUS.withNumBeams(numBeams)
                .withNumReturnSequences(numBeams)
                .withTopK(random.nextInt(6))
                .withTopP(random.nextInt(5) / 4.0)
                .withTemperature(0.5 + random.nextInt(4) / 2.0);
        RandomState.seed(seed);

        long[][] rows = Generation.generate(model, START, config, END);

        for (int row = 0; row < rows.length; row++) {
            for (int at = 1; at < rows[row].length && (at == 1 || rows[row][at - 1] != EOS); at++) {
                float[] logits = model.logits(row / numBeams, Arrays.copyOfRange(rows[row], 1, at));
                assertThat(allowed(logits, config))
                        .as("seed %d, %s, token %d of row %d", seed, config, at, row)
                        .contains((int) rows[row][at]);
            }
        }
    }

    @Test
    void sameSeedGivesTheSameIdsAndAnotherOneOthers() {
        var model = TableDecoder.random(new Random(1), 2, V, 0.5, 0);
        for (int numBeams : new int[] {1, 3}) {
            var config = NUCLEUS.withNumBeams(numBeams).withNumReturnSequences(3);
            RandomState.seed(5);
            long[][] first = Generation.generate(fresh(model), START, config, END);
            RandomState.seed(5);
            assertThat(Generation.generate(fresh(model), START, config, END)).isDeepEqualTo(first);
            RandomState.seed(6);
            assertThat(Arrays.deepEquals(Generation.generate(fresh(model), START, config, END), first))
                    .isFalse();
        }
    }

    @Test
    void tokensAreDrawnByTheirProbabilityAtTheTemperature() {
        int random = 20_000;
        var model = new TableDecoder(1, 3, (sample, a, b, token) -> token); // logits 0, 1, 2
        var config = NUCLEUS.withTopP(1)
                .withTemperature(2)
                .withNumReturnSequences(random)
                .withMaxLength(2);
        RandomState.seed(3);

        long[][] rows = Generation.generate(model, new long[][] {{2}}, config, END);

        double total = 1 + Math.exp(0.5) + Math.exp(1);
        for (int token = 0; token < 3; token++) {
            int id = token;
            double share =
                    (double) Arrays.stream(rows).filter(row -> row[1] == id).count() / random;
            assertThat(share).isBetween(Math.exp(token / 2.0) / total - 0.02, Math.exp(token / 2.0) / total + 0.02);
        }
    }

    @Test
    void resultsOfOneSampleAreAdjacent() {
        var model = new TableDecoder(2, 4, (sample, a, b, token) -> token == 2 + sample ? 50 : 0);
        var config = NUCLEUS.withMaxLength(3);

        for (int numBeams : new int[] {1, 2}) {
            assertThat(Generation.generate(
                            fresh(model), START, config.withNumBeams(numBeams).withNumReturnSequences(2), END))
                    .isDeepEqualTo(new long[][] {{2, 2, 2}, {2, 2, 2}, {2, 3, 3}, {2, 3, 3}});
        }
    }

    private static TableDecoder fresh(TableDecoder model) {
        return model.favouring(EOS, 0);
    }

    /** Tokens that top-k, then top-p leave, by the definition. */
    private static Set<Integer> allowed(float[] logits, GenerationConfig config) {
        int keep = config.numBeams() > 1 ? 2 : 1;
        int topK = config.topK() == 0 ? V : Math.max(config.topK(), keep);
        List<Integer> descending = IntStream.range(0, V)
                .boxed()
                .sorted(Comparator.comparingDouble(token -> -logits[token]))
                .toList()
                .subList(0, Math.min(topK, V));
        double total = descending.stream()
                .mapToDouble(token -> Math.exp(logits[token] / config.temperature()))
                .sum();
        var allowed = new HashSet<Integer>();
        double above = 0;
        for (int token : descending) {
            if (above < config.topP() + 1e-6 || allowed.size() < keep) {
                allowed.add(token);
            }
            above += Math.exp(logits[token] / config.temperature()) / total;
        }
        return allowed;
    }
}
