package io.lavis4j.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the scores of a selection of items follow from numbers that each item has and that add up: BLEU from counts and
 * lengths, METEOR from its 23 numbers, the other metrics as means of the item scores.
 *
 * <p>CIDEr's item scores stay those of the whole corpus, whose document frequencies they are made with: a part's score
 * is not what the part alone would get, but it can be compared with that of other parts and of the whole.
 */
public final class Aggregation {

    private final int items;
    private final List<Part> parts;

    private Aggregation(int items, List<Part> parts) {
        this.items = items;
        this.parts = List.copyOf(parts);
    }

    /** Scores from sums over a number of items, one for each metric of the part. */
    @FunctionalInterface
    public interface Formula {
        double[] scores(double[] sums, int items);
    }

    /**
     * Metrics that are made of the same numbers.
     *
     * @param numbers (items, width)
     */
    public record Part(List<String> metrics, int width, double[] numbers, Formula formula) {

        public Part {
            metrics = List.copyOf(metrics);
        }

        public static Part mean(String metric, double[] items) {
            return new Part(List.of(metric), 1, items, (sums, count) -> new double[] {sums[0] / count});
        }

        /** Sums over items, each taken {@code times} so often. */
        double[] sums(int[] times) {
            var sums = new double[width];
            for (int item = 0; item < times.length; item++) {
                if (times[item] != 0) {
                    for (int i = 0; i < width; i++) {
                        sums[i] += times[item] * numbers[item * width + i];
                    }
                }
            }
            return sums;
        }
    }

    /** One metric, the mean of the item scores. */
    public static Aggregation mean(String metric, double[] items) {
        return new Aggregation(items.length, List.of(Part.mean(metric, items)));
    }

    static Aggregation of(int items, List<Part> parts) {
        return new Aggregation(items, parts);
    }

    /** With one more part. */
    Aggregation and(Part part) {
        var all = new ArrayList<>(parts);
        all.add(part);
        return new Aggregation(items, all);
    }

    List<Part> parts() {
        return parts;
    }

    /** Items of the corpus. */
    int items() {
        return items;
    }

    /** All metrics, in their order. */
    List<String> metrics() {
        return parts.stream().flatMap(part -> part.metrics().stream()).toList();
    }

    /**
     * Scores a selection.
     *
     * @param selection positions of items; one that occurs twice counts twice
     * @return metric to score
     */
    public Map<String, Double> of(int... selection) {
        if (selection.length == 0) {
            throw new IllegalArgumentException("no items to score; expected at least one");
        }
        var times = new int[items];
        for (int item : selection) {
            times[item]++;
        }
        var scores = scores(times);
        var named = new LinkedHashMap<String, Double>();
        for (int i = 0; i < scores.length; i++) {
            named.put(metrics().get(i), scores[i]);
        }
        return Collections.unmodifiableMap(named);
    }

    /** Scores of all metrics for items that count {@code times} so often each. */
    double[] scores(int[] times) {
        int count = 0;
        for (int n : times) {
            count += n;
        }
        var scores = new double[metrics().size()];
        int at = 0;
        for (var part : parts) {
            for (double score : part.formula().scores(part.sums(times), count)) {
                scores[at++] = score;
            }
        }
        return scores;
    }
}
