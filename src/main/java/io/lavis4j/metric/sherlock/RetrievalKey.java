package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The pair of region and text that each test id stands for; the two belong together if their instance is the same. */
final class RetrievalKey implements AnswerKey {

    private final Map<String, Pair> pairs;
    private final Map<String, Integer> regions;
    private final Map<String, Integer> texts;

    /** A cell of the matrix of scores. */
    private record Pair(int region, int text) {}

    private RetrievalKey(Map<String, Pair> pairs, Map<String, Integer> regions, Map<String, Integer> texts) {
        this.pairs = pairs;
        this.regions = regions;
        this.texts = texts;
    }

    @Override
    public Set<String> testIds() {
        return pairs.keySet();
    }

    @Override
    public RetrievalScores score(Predictions predictions) {
        int n = regions.size();
        double[][] byRegion = new double[n][n], byText = new double[n][n];
        pairs.forEach((id, pair) -> {
            double score = predictions.of(id);
            byRegion[pair.region][pair.text] = score;
            byText[pair.text][pair.region] = score;
        });
        double toText = 0, toRegion = 0;
        int first = 0;
        for (var entry : regions.entrySet()) {
            int region = entry.getValue(), text = texts.getOrDefault(entry.getKey(), -1);
            double rank = rank(byRegion[region], text);
            first += rank == 1 ? 1 : 0;
            toText += rank;
            toRegion += rank(byText[text], region);
        }
        return new RetrievalScores(toText / n, toRegion / n, 100.0 * first / n, n);
    }

    /** From 1 for the largest; equal scores share the mean of their ranks. */
    static double rank(double[] scores, int index) {
        double score = scores[index];
        long larger = Arrays.stream(scores).filter(other -> other > score).count();
        long equal = Arrays.stream(scores).filter(other -> other == score).count(); // itself among them
        return larger + (equal + 1) / 2.0;
    }

    /** Collects {@code test id: [region instance, text instance]}. */
    static final class Builder implements AnswerKey.Builder {

        private final Map<String, Pair> pairs = new LinkedHashMap<>();
        private final Map<String, Integer> regions = new LinkedHashMap<>();
        private final Map<String, Integer> texts = new LinkedHashMap<>();

        @Override
        public void add(String name, JsonNode value) {
            if (value.size() != 2
                    || !value.path(0).isTextual()
                    || !value.path(1).isTextual()) {
                throw new IllegalArgumentException(
                        "is %.80s; expected [region instance, text instance]".formatted(value));
            }
            var pair = new Pair(
                    number(regions, value.get(0).textValue()),
                    number(texts, value.get(1).textValue()));
            if (pairs.put(name, pair) != null) {
                throw new IllegalArgumentException("appears twice");
            }
        }

        private static int number(Map<String, Integer> known, String instance) {
            return known.computeIfAbsent(instance, key -> known.size());
        }

        @Override
        public AnswerKey build() {
            if (!regions.keySet().equals(texts.keySet())) {
                throw new IllegalArgumentException(
                        "%d instances of regions and %d of texts; expected the same instances"
                                .formatted(regions.size(), texts.size()));
            }
            long expected = (long) regions.size() * texts.size();
            long found = pairs.values().stream().distinct().count();
            if (found != expected || pairs.size() != expected) {
                throw new IllegalArgumentException("%d test ids of %d pairs; expected one for each of the %d pairs"
                        .formatted(pairs.size(), found, expected));
            }
            return new RetrievalKey(pairs, regions, texts);
        }
    }
}
