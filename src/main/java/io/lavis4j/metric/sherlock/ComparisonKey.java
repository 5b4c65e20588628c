package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How two people rated candidate inferences of a region. */
final class ComparisonKey implements AnswerKey {

    /** Breaks ties; the first ten uniform numbers of NumPy's generator with seed 1, times 1e-9. */
    private static final double[] NOISE = {
        4.17022004702574e-10,
        7.20324493442158e-10,
        1.1437481734488664e-13,
        3.023325726318398e-10,
        1.4675589081711303e-10,
        9.23385947687978e-11,
        1.862602113776709e-10,
        3.4556072704304773e-10,
        3.9676747423066996e-10,
        5.388167340033569e-10
    };

    private final Set<String> testIds;
    private final List<Instance> instances;

    /** Candidates in the key's order: their test ids, and each rater's ratings. */
    private record Instance(String inputId, List<String> testIds, double[] first, double[] second) {}

    private ComparisonKey(Set<String> testIds, List<Instance> instances) {
        this.testIds = testIds;
        this.instances = instances;
    }

    @Override
    public Set<String> testIds() {
        return testIds;
    }

    @Override
    public ComparisonScores score(Predictions predictions) {
        return new ComparisonScores(
                instances.stream().map(instance -> item(instance, predictions)).toList());
    }

    private static ComparisonScores.Item item(Instance instance, Predictions predictions) {
        double[] first = instance.first, second = instance.second, mean = new double[first.length];
        Arrays.setAll(mean, i -> (first[i] + second[i]) / 2);
        double[] scores = instance.testIds.stream().mapToDouble(predictions::of).toArray();
        return new ComparisonScores.Item(
                instance.inputId,
                (agreement(scores, first) + agreement(scores, second)) / 2,
                (agreement(first, second) + agreement(second, first)) / 2,
                (agreement(mean, first) + agreement(mean, second)) / 2);
    }

    /** Over pairs that a rater tells apart: the share in the rater's order, from -1 for none to 1 for all. */
    private static double agreement(double[] scores, double[] ratings) {
        int right = 0, pairs = 0;
        for (int i = 0; i < ratings.length; i++) {
            for (int j = 0; j < ratings.length; j++) {
                if (ratings[i] > ratings[j]) {
                    pairs++;
                    right += scores[i] + NOISE[i] > scores[j] + NOISE[j] ? 1 : 0;
                }
            }
        }
        return pairs == 0 ? 0 : ((double) right / pairs - 0.5) * 2;
    }

    /** Collects {@code test_id_map} and {@code annotations}. */
    static final class Builder implements AnswerKey.Builder {

        private final Map<Candidate, String> testIds = new LinkedHashMap<>();
        private final List<JsonNode> annotations = new ArrayList<>();

        private record Candidate(String inputId, String source) {}

        @Override
        public void add(String name, JsonNode value) {
            if (name.equals("test_id_map") && value.isObject()) {
                for (var entry : value.properties()) {
                    var candidate =
                            new Candidate(text(entry.getValue(), "Input_iid"), text(entry.getValue(), "candidate"));
                    if (testIds.put(candidate, entry.getKey()) != null) {
                        throw new IllegalArgumentException("has two test ids for %s".formatted(candidate));
                    }
                }
            } else if (name.equals("annotations") && value.isArray()) {
                value.forEach(annotations::add);
            } else {
                throw new IllegalArgumentException(
                        "is unexpected here; expected an object \"test_id_map\" and a list \"annotations\"");
            }
        }

        private static String text(JsonNode value, String key) {
            if (!value.path(key).isTextual()) {
                throw new IllegalArgumentException("holds %.120s; expected a text \"%s\" in it".formatted(value, key));
            }
            return value.get(key).textValue();
        }

        @Override
        public AnswerKey build() {
            if (testIds.isEmpty() || annotations.isEmpty()) {
                throw new IllegalArgumentException("%d test ids and %d annotations; expected some of each"
                        .formatted(testIds.size(), annotations.size()));
            }
            return new ComparisonKey(
                    new LinkedHashSet<>(testIds.values()),
                    annotations.stream().map(this::instance).toList());
        }

        private Instance instance(JsonNode annotation) {
            String inputId = text(annotation, "Input_iid");
            var candidates = annotation.path("candidates");
            int n = candidates.size();
            if (n == 0 || n > NOISE.length) {
                throw new IllegalArgumentException(
                        "annotation of %s has %d candidates; expected 1 to %d".formatted(inputId, n, NOISE.length));
            }
            var ids = new ArrayList<String>();
            double[] first = new double[n], second = new double[n];
            for (int i = 0; i < n; i++) {
                var candidate = candidates.get(i);
                var key = new Candidate(inputId, text(candidate, "source_iid"));
                String id = testIds.get(key);
                if (id == null) {
                    throw new IllegalArgumentException("test_id_map has no test id for %s".formatted(key));
                }
                ids.add(id);
                first[i] = rating(candidate, "annot1");
                second[i] = rating(candidate, "annot2");
            }
            return new Instance(inputId, ids, first, second);
        }

        private static double rating(JsonNode candidate, String key) {
            if (!JsonText.isFinite(candidate.path(key))) {
                throw new IllegalArgumentException("candidate %.120s: expected a finite number \"%s\", got %s"
                        .formatted(candidate, key, JsonText.found(candidate.path(key))));
            }
            return candidate.get(key).doubleValue();
        }
    }
}
