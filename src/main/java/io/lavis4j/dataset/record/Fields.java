package io.lavis4j.dataset.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a record, or of an object in one, which may have others that nobody asks for. Every method that asks
 * for a value throws {@link FaultyValueException} if it is not as expected.
 */
public final class Fields {

    /** Two of them add up to a whole number of 32 bits. */
    private static final double FARTHEST = 1e9;

    private static final int QUOTED = 60;

    private final JsonNode object;
    private final String path; // of this object within the record; empty for the record itself
    private final boolean texts; // whether all values are texts, as in a table

    private Fields(JsonNode object, String path, boolean texts) {
        if (!object.isObject()) {
            throw wrong(path, object, "an object");
        }
        this.object = object;
        this.path = path;
        this.texts = texts;
    }

    /** A record of JSON. */
    public static Fields of(JsonNode record) {
        return new Fields(record, "", false);
    }

    /** A row of a table, whose numbers are written as texts and whose empty values are absent. */
    static Fields ofRow(JsonNode row) {
        return new Fields(row, "", true);
    }

    /** The keys of all fields, in their order. */
    public List<String> names() {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return List.copyOf(names);
    }

    /** The path of a field within the record. */
    public String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** A field; a missing node if it is absent or null. */
    public JsonNode get(String key) {
        var node = object.path(key);
        boolean absent = node.isNull() || (texts && "".equals(node.textValue()));
        return absent ? MissingNode.getInstance() : node;
    }

    /** Whether a field is there and not null. */
    public boolean has(String key) {
        return !get(key).isMissingNode();
    }

    /** A field that must be there; {@code null} counts as a value. */
    public JsonNode required(String key) {
        var node = texts ? get(key) : object.path(key);
        if (node.isMissingNode()) {
            throw new FaultyValueException(path(key), "is missing", "a value");
        }
        return node;
    }

    /** An object within this one. */
    public Fields object(String key) {
        return new Fields(required(key), path(key), texts);
    }

    /** A list of one or more objects. */
    public List<Fields> objects(String key, String expected) {
        var list = required(key);
        if (!list.isArray() || list.isEmpty()) {
            throw wrong(key, expected);
        }
        var objects = new ArrayList<Fields>(list.size());
        for (int i = 0; i < list.size(); i++) {
            objects.add(new Fields(list.get(i), path(key) + "[" + i + "]", texts));
        }
        return List.copyOf(objects);
    }

    /** A text that is not blank. */
    public String text(String key) {
        return text(required(key), path(key));
    }

    /** A text, which may be blank; {@code null} if it is absent or null. */
    public @Nullable String textIfPresent(String key) {
        var node = get(key);
        if (node.isMissingNode()) {
            return null;
        }
        if (!node.isTextual() || !JsonText.isWhole(node.textValue())) {
            throw wrong(key, "a text without half surrogate pairs, or null");
        }
        return node.textValue();
    }

    /** The place of an image below its folder, which the record does not leave. */
    public String image(String key, ImagePaths paths) {
        try {
            return paths.relative(text(key));
        } catch (IllegalArgumentException e) {
            throw wrong(key, String.valueOf(e.getMessage()));
        }
    }

    /** A text or a whole number, as a text: the two are the same id. */
    public String id(String key) {
        var node = required(key);
        return node.isIntegralNumber() ? node.asText() : text(node, path(key), "a text or a whole number");
    }

    /** A list of one or more texts, or one text alone. */
    public List<String> texts(String key) {
        var node = required(key);
        if (node.isTextual()) {
            return List.of(text(node, path(key)));
        }
        if (!node.isArray() || node.isEmpty()) {
            throw wrong(key, "a list of one or more texts, or a text");
        }
        var list = new ArrayList<String>(node.size());
        for (int i = 0; i < node.size(); i++) {
            list.add(text(node.get(i), path(key) + "[" + i + "]"));
        }
        return List.copyOf(list);
    }

    private static String text(JsonNode node, String path) {
        return text(node, path, "a text that is not blank, without half surrogate pairs");
    }

    private static String text(JsonNode node, String path, String expected) {
        if (!node.isTextual() || node.textValue().isBlank() || !JsonText.isWhole(node.textValue())) {
            throw wrong(path, node, expected);
        }
        return node.textValue();
    }

    /** A number, finite or not; {@code null} if it is absent or null. */
    public @Nullable JsonNode numberIfPresent(String key) {
        var node = get(key);
        if (node.isMissingNode()) {
            return null;
        }
        var number = number(node);
        if (!number.isNumber()) {
            throw wrong(key, "a number or null");
        }
        return number;
    }

    /** A number that fits 32 bits, rounded half up: some files write whole ones as 0.0. */
    public int whole(String key) {
        var number = number(required(key));
        if (!number.isNumber() || !(Math.abs(number.doubleValue()) <= FARTHEST)) {
            throw wrong(key, "a number between -1e9 and 1e9");
        }
        return (int) Math.floor(number.doubleValue() + 0.5);
    }

    /** Like {@link #whole}, and not below a bound. */
    public int whole(String key, int least, String expected) {
        int value = whole(key);
        if (value < least) {
            throw wrong(key, expected);
        }
        return value;
    }

    private JsonNode number(JsonNode node) {
        if (!texts || !node.isTextual()) {
            return node;
        }
        try {
            return DoubleNode.valueOf(Double.parseDouble(node.textValue().strip()));
        } catch (NumberFormatException e) {
            return node;
        }
    }

    /** The fault that a field is not as expected. */
    public FaultyValueException wrong(String key, String expected) {
        return wrong(path(key), object.path(key), expected);
    }

    private static FaultyValueException wrong(String path, JsonNode found, String expected) {
        return new FaultyValueException(path, "is " + quoted(JsonText.found(found)), expected);
    }

    /** Short enough for a message. */
    public static String quoted(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + "...";
    }
}
