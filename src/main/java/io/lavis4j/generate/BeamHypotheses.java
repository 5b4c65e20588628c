package io.lavis4j.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The best complete hypotheses of one sample, by log-probability over a power of the length. */
final class BeamHypotheses {

    private static final class Hypothesis {
        final long[] ids;
        final double score;

        Hypothesis(long[] ids, double score) {
            this.ids = ids;
            this.score = score;
        }
    }

    private final int capacity;
    private final double lengthPenalty;
    private final List<Hypothesis> kept = new ArrayList<>();

    BeamHypotheses(int capacity, double lengthPenalty) {
        this.capacity = capacity;
        this.lengthPenalty = lengthPenalty;
    }

    /**
     * Keeps a hypothesis if it is better than the worst or there is room; of equally bad ones the first goes.
     *
     * @param ids with the initial ids, without the end token; their number is the length
     * @param sum of log-probabilities
     */
    void add(long[] ids, double sum) {
        double score = score(sum, ids.length);
        if (kept.size() < capacity) {
            kept.add(new Hypothesis(ids, score));
        } else if (score > kept.get(worst()).score) {
            kept.add(new Hypothesis(ids, score));
            kept.remove(worst());
        }
    }

    /** Whether a continuation of this sum, were it complete at this length, would not be kept. */
    boolean beats(double sum, int length) {
        return kept.size() >= capacity && kept.get(worst()).score >= score(sum, length);
    }

    /** The ids of the {@code count} best, the best first; among equals the last added comes first. */
    List<long[]> best(int count) {
        var ascending = new ArrayList<>(kept);
        ascending.sort(Comparator.comparingDouble(hypothesis -> hypothesis.score)); // stable
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> ascending.get(ascending.size() - i).ids)
                .toList();
    }

    private int worst() {
        return IntStream.range(0, kept.size())
                .reduce((a, b) -> kept.get(b).score < kept.get(a).score ? b : a)
                .orElseThrow();
    }

    private double score(double sum, int length) {
        return sum / Math.pow(length, lengthPenalty);
    }
}
