package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static final List<String> METRICS = List.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr");

    /** Items of 12 words; each word of the hypothesis is a wrong one with the given probability. */
    private static List<CaptionItem> items(int count, double wrong, Random references, Random random) {
        var items = new ArrayList<CaptionItem>();
        for (int i = 0; i < count; i++) {
            var reference = new ArrayList<String>();
            var hypothesis = new ArrayList<String>();
            for (int w = 0; w < 12; w++) {
                reference.add("w" + references.nextInt(50));
                hypothesis.add(random.nextDouble() < wrong ? "x" + random.nextInt(50) : reference.get(w));
            }
            items.add(new CaptionItem("" + i, String.join(" ", hypothesis), List.of(String.join(" ", reference))));
        }
        return items;
    }

    private static CaptionScores scores(int count, double wrong, long seed) {
        return CaptionMetrics.score(items(count, wrong, new Random(1), new Random(seed)));
    }

    private static <T> T get(Map<String, T> map, String metric) {
        return Objects.requireNonNull(map.get(metric), metric);
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        return Math.sqrt(Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1));
    }

    @Test
    void intervalsOfMeansAreThoseOfTheNormalApproximation() {
        var scores = scores(400, 0.3, 2);
        var intervals = new Bootstrap(4000, 5).intervals(scores);
        for (String metric : List.of("ROUGE_L", "CIDEr")) {
            double half = 1.96 * deviation(get(scores.items(), metric)) / Math.sqrt(400);
            double mean = get(scores.corpus(), metric);
            assertThat(get(intervals, metric).low()).as(metric).isCloseTo(mean - half, within(0.1 * half));
            assertThat(get(intervals, metric).high()).as(metric).isCloseTo(mean + half, within(0.1 * half));
        }
    }

    @Test
    void bleuOfAResampleIsThatOfTheResampledCorpus() {
        var items = items(50, 0.3, new Random(1), new Random(2));
        var random = new Random(3);
        for (int round = 0; round < 20; round++) {
            var selection = random.ints(50, 0, 50).toArray();
            var drawn = new ArrayList<CaptionItem>();
            for (int i : selection) {
                var item = items.get(i);
                drawn.add(new CaptionItem("" + drawn.size(), item.hypothesis(), item.references()));
            }
            var expected = CaptionMetrics.score(drawn).corpus();
            var actual = CaptionMetrics.score(items).aggregation().of(selection);
            for (String metric : METRICS.subList(0, 5)) {
                assertThat(actual.get(metric)).as(metric).isCloseTo(get(expected, metric), within(1e-12));
            }
        }
    }

    @Test
    void theWholeSelectionHasTheCorpusScores() {
        var scores = scores(30, 0.3, 2);
        var all = new int[30];
        Arrays.setAll(all, i -> i);
        assertThat(scores.aggregation().of(all)).isEqualTo(scores.corpus());
        assertThatThrownBy(() -> scores.aggregation().of()).hasMessageContaining("at least one");
    }

    @Test
    void theSeedDecides() {
        var scores = scores(50, 0.3, 2);
        assertThat(new Bootstrap(100, 7).intervals(scores)).isEqualTo(new Bootstrap(100, 7).intervals(scores));
        assertThat(new Bootstrap(100, 7).intervals(scores)).isNotEqualTo(new Bootstrap(100, 8).intervals(scores));
        assertThatThrownBy(() -> new Bootstrap(0, 7)).hasMessageContaining("got 0");
    }

    @Test
    void identicalResultsDoNotDiffer() {
        var scores = scores(50, 0.3, 2);
        new Bootstrap(100, 7)
                .compare(scores, scores(50, 0.3, 2))
                .forEach((metric, comparison) -> assertThat(comparison)
                        .as(metric)
                        .isEqualTo(new Comparison(
                                get(scores.corpus(), metric), get(scores.corpus(), metric), new Interval(0, 0), 1)));
    }

    @Test
    void aClearlyBetterSystemIsFound() {
        var comparisons = new Bootstrap(500, 7).compare(scores(200, 0.2, 2), scores(200, 0.4, 3));
        assertThat(comparisons.keySet()).containsExactlyElementsOf(METRICS);
        comparisons.forEach((metric, comparison) -> {
            assertThat(comparison.pValue()).as(metric).isEqualTo(1 / 501.0);
            assertThat(comparison.interval().low()).as(metric).isPositive();
            assertThat(comparison.difference())
                    .as(metric)
                    .isBetween(
                            comparison.interval().low(), comparison.interval().high());
        });
    }

    @Test
    void thePValueOfAMeanIsThatOfTheNormalApproximation() {
        var first = scores(300, 0.3, 2);
        var second = scores(300, 0.31, 3);
        var differences = get(first.items(), "ROUGE_L").clone();
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= get(second.items(), "ROUGE_L")[i];
        }
        double mean = Arrays.stream(differences).average().orElseThrow();
        double squares = Arrays.stream(differences).map(x -> x * x).sum();
        double z = Math.abs(mean) * differences.length / Math.sqrt(squares); // of a sum of random signs
        double expected = 2 * (1 - normal(z));
        var comparison = get(new Bootstrap(5000, 11).compare(first, second), "ROUGE_L");
        assertThat(expected).as("the case is one of doubt").isBetween(0.02, 0.9);
        assertThat(comparison.pValue()).isCloseTo(expected, within(0.03));
        double half = 1.96 * deviation(differences) / Math.sqrt(differences.length);
        assertThat(comparison.interval().low()).isCloseTo(mean - half, within(0.1 * half));
        assertThat(comparison.interval().high()).isCloseTo(mean + half, within(0.1 * half));
    }

    /** The normal distribution function, by its series. */
    private static double normal(double z) {
        double sum = z, term = z;
        for (int i = 1; i < 100; i++) {
            term *= z * z / (2 * i + 1);
            sum += term;
        }
        return 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }

    /** Kolmogorov and Smirnov's distance from the uniform distribution, of systems that do not differ. */
    @Test
    void pValuesOfEqualSystemsAreUniform() {
        int runs = 200;
        var pValues = new double[METRICS.size()][runs];
        for (int run = 0; run < runs; run++) {
            var comparisons = new Bootstrap(199, run).compare(scores(40, 0.3, 1000 + run), scores(40, 0.3, 5000 + run));
            for (int m = 0; m < METRICS.size(); m++) {
                pValues[m][run] = get(comparisons, METRICS.get(m)).pValue();
            }
        }
        for (int m = 0; m < METRICS.size(); m++) {
            Arrays.sort(pValues[m]);
            double distance = 0;
            for (int i = 0; i < runs; i++) {
                distance = Math.max(distance, Math.abs(pValues[m][i] - (i + 0.5) / runs));
            }
            assertThat(distance).as(METRICS.get(m)).isLessThan(1.63 / Math.sqrt(runs)); // 1 %
        }
    }

    @Test
    void differentItemsAreNotCompared() {
        assertThatThrownBy(() -> new Bootstrap(10, 1).compare(scores(5, 0.3, 2), scores(6, 0.3, 2)))
                .hasMessageContaining("5 and 6 items");
    }

    @Test
    void aThousandResamplesOfFiveThousandItemsTakeSeconds() {
        var scores = scores(5000, 0.3, 2);
        var threads = ManagementFactory.getThreadMXBean(); // processor time: the machine may be busy
        long start = threads.getCurrentThreadCpuTime();
        new Bootstrap(1000, 1).intervals(scores);
        assertThat((threads.getCurrentThreadCpuTime() - start) / 1e9).isLessThan(10);
    }
}
