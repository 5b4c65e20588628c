package io.lavis4j.dataset.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.image.Box;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An instance file of Sherlock's leaderboard, gathered by image and region so that each is looked at once.
 *
 * <p>The file is a JSON list of {@code {image: {url, width, height}, region: [{left, top, width, height}, ...],
 * inference, test_id, extra_info}}; {@code extra_info} is not read. A million instances are read one at a time; what
 * they share is kept once.
 *
 * @param candidates in the order in which the file first names their regions
 * @param size how many instances, that is, test ids
 */
public record SherlockInstances(List<SherlockCandidates> candidates, int size) {

    private static final double FARTHEST_PIXEL = 1e9;

    public SherlockInstances {
        candidates = List.copyOf(candidates);
    }

    /**
     * Reads a file.
     *
     * @throws AnnotationException if it is not there or not a list of instances, or an instance is faulty
     */
    public static SherlockInstances read(Path file) {
        var reading = new Reading(file);
        try {
            JsonFile.of(file, "a JSON list of instances").elements(reading::add);
        } catch (UncheckedIOException e) {
            throw new AnnotationException(e);
        }
        return reading.result();
    }

    /** The same image and boxes. */
    private record Region(String url, int width, int height, List<Box> boxes) {}

    /** Inferences and test ids of a region. */
    private record Texts(List<String> inferences, List<String> testIds) {}

    /** The instances read so far. */
    private static final class Reading {
        private final Path file;
        private final Map<Region, Texts> regions = new LinkedHashMap<>();
        private final Map<String, String> inferences = new HashMap<>();
        private final Set<String> testIds = new HashSet<>();
        private String place = "";

        Reading(Path file) {
            this.file = file;
        }

        void add(JsonNode instance, int index) {
            place = "instance " + index;
            String testId = text(instance, "test_id");
            place = "%s (test_id %s)".formatted(place, testId);
            if (!testIds.add(testId)) {
                throw faulty("test_id", testId, "one of its own, because scores are keyed by it");
            }
            var image = instance.path("image");
            String url = text(image, "url");
            try {
                SherlockPaths.relative(url);
            } catch (IllegalArgumentException e) {
                throw faulty("image.url", url, String.valueOf(e.getMessage()));
            }
            var region = new Region(
                    url, whole(image, "width", 1), whole(image, "height", 1), boxes(instance.path("region")));
            String inference = text(instance, "inference");
            var texts = regions.computeIfAbsent(region, key -> new Texts(new ArrayList<>(), new ArrayList<>()));
            texts.inferences.add(inferences.computeIfAbsent(inference, key -> key));
            texts.testIds.add(testId);
        }

        private List<Box> boxes(JsonNode list) {
            if (!list.isArray() || list.isEmpty()) {
                throw faulty("region", list, "a list of one or more boxes");
            }
            var boxes = new ArrayList<Box>();
            for (var box : list) {
                boxes.add(new Box(
                        whole(box, "left", -FARTHEST_PIXEL),
                        whole(box, "top", -FARTHEST_PIXEL),
                        whole(box, "width", 0),
                        whole(box, "height", 0)));
            }
            return List.copyOf(boxes);
        }

        private String text(JsonNode parent, String key) {
            var node = parent.path(key);
            if (!node.isTextual() || node.textValue().isBlank() || !JsonText.isWhole(node.textValue())) {
                throw faulty(key, node, "a text that is not blank, without half surrogate pairs");
            }
            return node.textValue();
        }

        /** Rounded half up: some files write whole numbers as 0.0. */
        private int whole(JsonNode parent, String key, double least) {
            var node = parent.path(key);
            double value = node.doubleValue();
            if (!node.isNumber() || !(value >= least && value <= FARTHEST_PIXEL)) {
                throw faulty(key, node, "a number of pixels from %.0f to %.0f".formatted(least, FARTHEST_PIXEL));
            }
            return (int) Math.floor(value + 0.5);
        }

        private AnnotationException faulty(String key, Object found, String expected) {
            String value = Fields.quoted(found instanceof JsonNode node ? JsonText.found(node) : found.toString());
            return new AnnotationException(
                    "%s: %s: %s is %s, expected %s".formatted(file.toAbsolutePath(), place, key, value, expected));
        }

        SherlockInstances result() {
            if (testIds.isEmpty()) {
                throw new AnnotationException("%s: the list has no instances".formatted(file.toAbsolutePath()));
            }
            Collection<Map.Entry<Region, Texts>> entries = regions.entrySet();
            return new SherlockInstances(
                    entries.stream()
                            .map(entry -> candidates(entry.getKey(), entry.getValue()))
                            .toList(),
                    testIds.size());
        }

        private static SherlockCandidates candidates(Region region, Texts texts) {
            return new SherlockCandidates(
                    region.url, region.width, region.height, region.boxes, texts.inferences, texts.testIds);
        }
    }
}
