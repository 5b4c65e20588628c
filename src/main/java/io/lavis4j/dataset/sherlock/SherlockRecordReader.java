package io.lavis4j.dataset.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.image.Box;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and checks single records; texts that occur several times are kept once. */
final class SherlockRecordReader {

    /** Two of them add up to a whole number of 32 bits. */
    private static final double FARTHEST_PIXEL = 1e9;

    private static final int QUOTED = 60;

    private final Map<Object, Object> shared = new HashMap<>();
    private int notANumber;

    /** A value that is not as expected; caught where the record's place is known. */
    static final class FaultyValueException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String key;
        private final String found;
        private final String expected;

        FaultyValueException(String key, String found, String expected) {
            super(key, null, false, false);
            this.key = key;
            this.found = found;
            this.expected = expected;
        }

        RecordFault at(int index, @Nullable String instanceId) {
            return new RecordFault(index, instanceId, key, found, expected);
        }
    }

    /** How many confidences were NaN or infinite, and are now {@code null}. */
    int notANumber() {
        return notANumber;
    }

    /** The record's name, if it has one: for messages about records that are faulty otherwise. */
    static @Nullable String instanceId(JsonNode record) {
        return record.path("instance_id").isTextual()
                ? quoted(record.path("instance_id").textValue())
                : null;
    }

    /** @throws FaultyValueException at the first value that cannot be used */
    SherlockRecord read(JsonNode record) {
        object(record, "");
        var instanceId = text(record, "instance_id");
        var inputs = object(required(record, "inputs"), "inputs");
        var image = object(required(inputs, "inputs", "image"), "inputs.image");
        var url = text(image, "inputs.image", "url");
        try {
            SherlockPaths.relative(url);
        } catch (IllegalArgumentException e) {
            throw new FaultyValueException("inputs.image.url", "is \"" + quoted(url) + "\"", message(e));
        }
        var targets = object(required(record, "targets"), "targets");
        return new SherlockRecord(
                share(url),
                size(image, "width"),
                size(image, "height"),
                boxes(required(inputs, "inputs", "bboxes")),
                clue(inputs.path("clue")),
                confidence(inputs.path("confidence")),
                whole(required(inputs, "inputs", "obs_idx"), "inputs.obs_idx"),
                share(text(targets, "targets", "inference")),
                instanceId,
                record.path("split_idx").isMissingNode()
                                || record.path("split_idx").isNull()
                        ? null
                        : share(whole(record.path("split_idx"), "split_idx")));
    }

    private @Nullable String clue(JsonNode clue) {
        if (clue.isMissingNode() || clue.isNull()) {
            return null;
        }
        if (!clue.isTextual() || !JsonText.isWhole(clue.textValue())) {
            throw wrong("inputs.clue", clue, "a text without half surrogate pairs, or null");
        }
        return share(clue.textValue());
    }

    private @Nullable Double confidence(JsonNode confidence) {
        if (confidence.isMissingNode() || confidence.isNull()) {
            return null;
        }
        if (!confidence.isNumber()) {
            throw wrong("inputs.confidence", confidence, "a number or null");
        }
        if (!JsonText.isFinite(confidence)) {
            notANumber++;
            return null;
        }
        return share(confidence.doubleValue());
    }

    private List<Box> boxes(JsonNode list) {
        if (!list.isArray() || list.isEmpty()) {
            throw wrong("inputs.bboxes", list, "a list of one or more boxes");
        }
        var boxes = new ArrayList<Box>(list.size());
        for (int i = 0; i < list.size(); i++) {
            String key = "inputs.bboxes[" + i + "]";
            var box = object(list.get(i), key);
            boxes.add(new Box(
                    whole(required(box, key, "left"), key + ".left"),
                    whole(required(box, key, "top"), key + ".top"),
                    extent(box, key, "width"),
                    extent(box, key, "height")));
        }
        return List.copyOf(boxes);
    }

    private static int extent(JsonNode box, String path, String key) {
        int value = whole(required(box, path, key), path + "." + key);
        if (value < 0) {
            throw wrong(path + "." + key, box.path(key), "0 or more pixels");
        }
        return value;
    }

    private static int size(JsonNode image, String key) {
        String path = "inputs.image." + key;
        int value = whole(required(image, "inputs.image", key), path);
        if (value < 1) {
            throw wrong(path, image.path(key), "1 or more pixels");
        }
        return value;
    }

    /** A number that fits, rounded half up: some files write whole ones as 0.0. */
    private static int whole(JsonNode node, String path) {
        if (!node.isNumber() || !(Math.abs(node.doubleValue()) <= FARTHEST_PIXEL)) {
            throw wrong(path, node, "a number between -1e9 and 1e9");
        }
        return (int) Math.floor(node.doubleValue() + 0.5);
    }

    private static String text(JsonNode parent, String path, String key) {
        var node = required(parent, path, key);
        if (!node.isTextual() || node.textValue().isBlank() || !JsonText.isWhole(node.textValue())) {
            throw wrong(
                    path.isEmpty() ? key : path + "." + key,
                    node,
                    "a text that is not blank, without half surrogate pairs");
        }
        return node.textValue();
    }

    private static String text(JsonNode parent, String key) {
        return text(parent, "", key);
    }

    private static JsonNode required(JsonNode parent, String key) {
        return required(parent, "", key);
    }

    private static JsonNode required(JsonNode parent, String path, String key) {
        var node = parent.path(key);
        if (node.isMissingNode()) {
            throw new FaultyValueException(path.isEmpty() ? key : path + "." + key, "is missing", "a value");
        }
        return node;
    }

    private static JsonNode object(JsonNode node, String path) {
        if (!node.isObject()) {
            throw wrong(path, node, "an object");
        }
        return node;
    }

    private static FaultyValueException wrong(String key, JsonNode found, String expected) {
        return new FaultyValueException(key, "is " + quoted(JsonText.found(found)), expected);
    }

    /** Short enough for a message. */
    static String quoted(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + "...";
    }

    private static String message(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }

    @SuppressWarnings("unchecked")
    private <T> T share(T value) {
        var known = shared.putIfAbsent(value, value);
        return known == null ? value : (T) known;
    }
}
