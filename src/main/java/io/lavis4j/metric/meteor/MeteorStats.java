package io.lavis4j.metric.meteor;

import io.lavis4j.metric.Aggregation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The 23 numbers that METEOR's score is made of (Denkowski and Lavie, 2014): words of hypothesis and reference;
 * function words of each; per module matched content words of each and matched function words of each; chunks; matched
 * words of each.
 */
record MeteorStats(int[] numbers) {

    static final int COUNT = 23;
    private static final int MODULES = 4;
    private static final int CHUNKS = 20;

    private static final double ALPHA = 0.85;
    private static final double BETA = 0.2;
    private static final double GAMMA = 0.6;
    private static final double DELTA = 0.75;

    static MeteorStats of(
            List<MeteorMatcher.Word> hypothesis, List<MeteorMatcher.Word> reference, List<MeteorMatch> matches) {
        var numbers = new int[COUNT];
        numbers[0] = hypothesis.size();
        numbers[1] = reference.size();
        numbers[2] = functionWords(hypothesis);
        numbers[3] = functionWords(reference);
        MeteorMatch last = null;
        for (var match : matches) {
            int first = MODULES + 4 * match.module().index();
            var inHypothesis =
                    hypothesis.subList(match.hypothesisStart(), match.hypothesisStart() + match.hypothesisLength());
            var inReference = reference.subList(match.start(), match.start() + match.length());
            int functionsInHypothesis = functionWords(inHypothesis);
            int functionsInReference = functionWords(inReference);
            numbers[first] += inHypothesis.size() - functionsInHypothesis;
            numbers[first + 1] += inReference.size() - functionsInReference;
            numbers[first + 2] += functionsInHypothesis;
            numbers[first + 3] += functionsInReference;
            numbers[CHUNKS] += last != null && match.continues(last) ? 0 : 1;
            numbers[CHUNKS + 1] += inHypothesis.size();
            numbers[CHUNKS + 2] += inReference.size();
            last = match;
        }
        return new MeteorStats(numbers);
    }

    /** The statistics in a line that the METEOR program answers; empty if it is something else. */
    static Optional<MeteorStats> parse(String line) {
        var words = line.strip().split("\\s+", -1);
        var numbers = new int[words.length];
        try {
            for (int i = 0; i < words.length; i++) {
                double number = Double.parseDouble(words[i]);
                numbers[i] = (int) number;
                if (numbers[i] != number) {
                    return Optional.empty();
                }
            }
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
        return numbers.length == COUNT ? Optional.of(new MeteorStats(numbers)) : Optional.empty();
    }

    private static int functionWords(List<MeteorMatcher.Word> words) {
        return (int) words.stream().filter(MeteorMatcher.Word::isFunction).count();
    }

    /** A corpus's score from the numbers of its items, added up. */
    static Aggregation.Part part(String metric, List<MeteorStats> all) {
        var numbers = new double[all.size() * COUNT];
        for (int item = 0; item < all.size(); item++) {
            for (int i = 0; i < COUNT; i++) {
                numbers[item * COUNT + i] = all.get(item).numbers[i];
            }
            // an item without fragments adds no chunk
            numbers[item * COUNT + CHUNKS] -= all.get(item).isPerfect() ? 1 : 0;
        }
        return new Aggregation.Part(List.of(metric), COUNT, numbers, (sums, items) ->
                new double[] {ofSums(sums).score()});
    }

    private static MeteorStats ofSums(double[] sums) {
        return new MeteorStats(Arrays.stream(sums).mapToInt(sum -> (int) sum).toArray());
    }

    /** Whether everything matches in a single chunk, which is then no fragment. */
    private boolean isPerfect() {
        return numbers[CHUNKS] == 1 && numbers[CHUNKS + 1] == numbers[0] && numbers[CHUNKS + 2] == numbers[1];
    }

    double score() {
        double matchedInHypothesis = 0;
        double matchedInReference = 0;
        for (var module : MeteorModule.values()) {
            int first = MODULES + 4 * module.index();
            matchedInHypothesis += module.weight() * weighted(numbers[first], numbers[first + 2]);
            matchedInReference += module.weight() * weighted(numbers[first + 1], numbers[first + 3]);
        }
        double precision = matchedInHypothesis / weighted(numbers[0] - numbers[2], numbers[2]);
        double recall = matchedInReference / weighted(numbers[1] - numbers[3], numbers[3]);
        double mean = 1 / ((1 - ALPHA) / precision + ALPHA / recall);
        double matched = (numbers[CHUNKS + 1] + numbers[CHUNKS + 2]) / 2.0;
        double fragments = isPerfect() ? 0 : numbers[CHUNKS] / matched;
        double score = Math.max(0, mean * (1 - GAMMA * Math.pow(fragments, BETA)));
        return Double.isNaN(score) ? 0 : score;
    }

    private static double weighted(int content, int function) {
        return DELTA * content + (1 - DELTA) * function;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MeteorStats stats && Arrays.equals(numbers, stats.numbers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers);
    }

    @Override
    public String toString() {
        return Arrays.toString(numbers);
    }
}
