package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The boxes of an image that belong to its inferences: boxes of the data, and proposals of a detector. */
final class LocalizationKey implements AnswerKey {

    private static final double OVERLAP = 0.5;
    private static final double PERCENT = 100;

    private final Set<String> testIds;
    private final List<GtImage> gt;
    private final List<AutoImage> auto;

    /** Test ids (boxes, inferences), inferences in the order of their own boxes, as the official scorer has them. */
    private record GtImage(List<List<String>> testIds) {}

    /** The proposals for each inference. */
    private record AutoImage(List<List<Proposal>> inferences) {}

    private record Proposal(String testId, double iou) {}

    private LocalizationKey(Set<String> testIds, List<GtImage> gt, List<AutoImage> auto) {
        this.testIds = testIds;
        this.gt = gt;
        this.auto = auto;
    }

    @Override
    public Set<String> testIds() {
        return testIds;
    }

    @Override
    public LocalizationScores score(Predictions predictions) {
        return new LocalizationScores(
                PERCENT
                        * gt.stream()
                                .mapToDouble(p -> right(p, predictions))
                                .average()
                                .orElse(Double.NaN),
                gt.size(),
                PERCENT
                        * auto.stream()
                                .mapToDouble(p -> right(p, predictions))
                                .average()
                                .orElse(Double.NaN),
                PERCENT
                        * auto.stream()
                                .mapToDouble(LocalizationKey::possible)
                                .average()
                                .orElse(Double.NaN),
                auto.size());
    }

    private static double right(GtImage image, Predictions predictions) {
        double[][] scores = image.testIds.stream()
                .map(row -> row.stream().mapToDouble(predictions::of).toArray())
                .toArray(double[][]::new);
        int[] inferenceOf = Assignment.largest(scores);
        int right = 0;
        for (int box = 0; box < inferenceOf.length; box++) {
            right += inferenceOf[box] == box ? 1 : 0;
        }
        return (double) right / inferenceOf.length;
    }

    private static double right(AutoImage image, Predictions predictions) {
        return image.inferences.stream()
                .mapToInt(proposals -> {
                    Proposal best = proposals.get(0);
                    for (var proposal : proposals) {
                        best = predictions.of(proposal.testId) > predictions.of(best.testId) ? proposal : best;
                    }
                    return best.iou > OVERLAP ? 1 : 0;
                })
                .average()
                .orElseThrow();
    }

    private static double possible(AutoImage image) {
        return image.inferences.stream()
                .mapToInt(proposals -> proposals.stream().anyMatch(p -> p.iou > OVERLAP) ? 1 : 0)
                .average()
                .orElseThrow();
    }

    /** Collects {@code test id: {type, image, inst_id, ...}}, proposals in the file's order. */
    static final class Builder implements AnswerKey.Builder {

        private final Set<String> testIds = new LinkedHashSet<>();
        private final Map<String, Map<String, Map<Integer, Cell>>> gt = new LinkedHashMap<>();
        private final Map<String, Map<String, List<Proposal>>> auto = new LinkedHashMap<>();

        private record Cell(String testId, boolean correct) {}

        @Override
        public void add(String name, JsonNode value) {
            if (!testIds.add(name)) {
                throw new IllegalArgumentException("appears twice");
            }
            String type = value.path("type").asText(), image = text(value, "image"), inference = text(value, "inst_id");
            if (type.equals("gt")
                    && value.path("bbox_idx").isInt()
                    && value.path("correct").isBoolean()) {
                var cells = gt.computeIfAbsent(image, key -> new LinkedHashMap<>())
                        .computeIfAbsent(inference, key -> new LinkedHashMap<>());
                int box = value.get("bbox_idx").intValue();
                if (cells.put(box, new Cell(name, value.get("correct").booleanValue())) != null) {
                    throw new IllegalArgumentException(
                            "is the second of box %d and inference %s".formatted(box, inference));
                }
            } else if (type.equals("auto") && JsonText.isFinite(value.path("IoU"))) {
                auto.computeIfAbsent(image, key -> new LinkedHashMap<>())
                        .computeIfAbsent(inference, key -> new ArrayList<>())
                        .add(new Proposal(name, value.get("IoU").doubleValue()));
            } else {
                throw new IllegalArgumentException(
                        ("is %.120s; expected type \"gt\" with bbox_idx (a whole number) and correct (true or false), or"
                                        + " type \"auto\" with IoU (a finite number)")
                                .formatted(value));
            }
        }

        private static String text(JsonNode value, String key) {
            if (!value.path(key).isTextual()) {
                throw new IllegalArgumentException("is %.120s; expected a text \"%s\" in it".formatted(value, key));
            }
            return value.get(key).textValue().intern();
        }

        @Override
        public AnswerKey build() {
            var images = new ArrayList<GtImage>();
            gt.forEach((image, inferences) -> images.add(image(image, inferences)));
            return new LocalizationKey(
                    testIds,
                    images,
                    auto.values().stream()
                            .map(image -> new AutoImage(List.copyOf(image.values())))
                            .toList());
        }

        private static GtImage image(String image, Map<String, Map<Integer, Cell>> inferences) {
            int n = inferences.size();
            var columns = new TreeMap<Integer, Map<Integer, Cell>>(); // by true box
            inferences.forEach((inference, cells) -> {
                var own = cells.entrySet().stream()
                        .filter(cell -> cell.getValue().correct)
                        .map(Map.Entry::getKey)
                        .toList();
                if (own.size() != 1 || columns.put(own.get(0), cells) != null) {
                    throw new IllegalArgumentException(
                            "image %s: inference %s has the true boxes %s; expected one, which is no other inference's"
                                    .formatted(image, inference, own));
                }
            });
            var boxes = IntStream.range(0, n).boxed().collect(Collectors.toSet());
            if (inferences.values().stream().anyMatch(cells -> !cells.keySet().equals(boxes))) {
                throw new IllegalArgumentException(
                        "image %s has %d inferences; expected a test id for each of them with each bbox_idx from 0 to %d"
                                .formatted(image, n, n - 1));
            }
            return new GtImage(IntStream.range(0, n)
                    .mapToObj(box -> columns.values().stream()
                            .map(cells -> Objects.requireNonNull(cells.get(box)).testId)
                            .toList())
                    .toList());
        }
    }
}
