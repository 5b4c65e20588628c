package io.lavis4j.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * How far scores depend on the choice of items (Koehn, 2004): items are drawn with replacement and the corpus is scored
 * again from what they add up to. Intervals are percentiles, 95 %. The same seed gives the same numbers.
 *
 * <p>CIDEr's document frequencies stay those of the whole corpus; {@link Aggregation} says more.
 *
 * @param resamples at least 1; 1,000 are usual
 * @param seed of the drawing
 */
public record Bootstrap(int resamples, long seed) {

    private static final double LOW = 0.025;
    private static final double HIGH = 0.975;

    /** Rounding of sums in another order, relative to the scores. */
    private static final double ROUNDING = 1e-12;

    public Bootstrap {
        if (resamples < 1) {
            throw new IllegalArgumentException("expected at least 1 resample, got " + resamples);
        }
    }

    /** One interval for each metric. */
    public Map<String, Interval> intervals(CorpusScores scores) {
        var aggregation = scores.aggregation();
        var random = new Random(seed);
        var times = new int[aggregation.items()];
        var samples = new double[aggregation.metrics().size()][resamples];
        for (int r = 0; r < resamples; r++) {
            draw(times, random);
            var sample = aggregation.scores(times);
            for (int m = 0; m < samples.length; m++) {
                samples[m][r] = sample[m];
            }
        }
        var intervals = new LinkedHashMap<String, Interval>();
        for (int m = 0; m < samples.length; m++) {
            intervals.put(aggregation.metrics().get(m), interval(samples[m]));
        }
        return Collections.unmodifiableMap(intervals);
    }

    /**
     * Compares two systems: intervals of the differences from resamples that both share, and p-values by approximate
     * randomisation (Riezler and Maxwell, 2005), which exchanges the systems' results for random items.
     *
     * @throws IllegalArgumentException if items or metrics differ
     */
    public Map<String, Comparison> compare(CorpusScores first, CorpusScores second) {
        var one = first.aggregation();
        var two = second.aggregation();
        if (!first.ids().equals(second.ids())) {
            throw new IllegalArgumentException(
                    "expected scores of the same items in the same order, got %d and %d items"
                            .formatted(one.items(), two.items()));
        }
        if (!one.metrics().equals(two.metrics())) {
            throw new IllegalArgumentException(
                    "expected scores of the same metrics, got %s and %s".formatted(one.metrics(), two.metrics()));
        }
        var random = new Random(seed);
        var times = new int[one.items()];
        Arrays.fill(times, 1);
        double[] scores = one.scores(times), others = two.scores(times);
        var differences = new double[scores.length][resamples];
        var extreme = new int[scores.length];
        for (int r = 0; r < resamples; r++) {
            draw(times, random);
            double[] a = one.scores(times), b = two.scores(times);
            double[] exchanged = exchanged(one, two, random);
            for (int m = 0; m < scores.length; m++) {
                differences[m][r] = a[m] - b[m];
                double rounding = ROUNDING * Math.max(1, Math.abs(scores[m]) + Math.abs(others[m]));
                extreme[m] += Math.abs(exchanged[m]) >= Math.abs(scores[m] - others[m]) - rounding ? 1 : 0;
            }
        }
        var comparisons = new LinkedHashMap<String, Comparison>();
        for (int m = 0; m < scores.length; m++) {
            double pValue = (extreme[m] + 1.0) / (resamples + 1.0);
            comparisons.put(
                    one.metrics().get(m), new Comparison(scores[m], others[m], interval(differences[m]), pValue));
        }
        return Collections.unmodifiableMap(comparisons);
    }

    private static void draw(int[] times, Random random) {
        Arrays.fill(times, 0);
        for (int i = 0; i < times.length; i++) {
            times[random.nextInt(times.length)]++;
        }
    }

    /** Differences of the scores when a coin decides for each item which system's result is whose. */
    private static double[] exchanged(Aggregation one, Aggregation two, Random random) {
        var kept = new int[one.items()];
        var swapped = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = random.nextInt(2);
            swapped[i] = 1 - kept[i];
        }
        var differences = new double[one.metrics().size()];
        int at = 0;
        for (int p = 0; p < one.parts().size(); p++) {
            var part = one.parts().get(p);
            var other = two.parts().get(p);
            var first = part.formula().scores(added(part.sums(kept), other.sums(swapped)), kept.length);
            var second = part.formula().scores(added(part.sums(swapped), other.sums(kept)), kept.length);
            for (int m = 0; m < first.length; m++) {
                differences[at++] = first[m] - second[m];
            }
        }
        return differences;
    }

    private static double[] added(double[] sums, double[] others) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += others[i];
        }
        return sums;
    }

    private static Interval interval(double[] samples) {
        Arrays.sort(samples);
        return new Interval(percentile(samples, LOW), percentile(samples, HIGH));
    }

    /** Between two samples linearly. */
    private static double percentile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
