package io.lavis4j.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The maps of a configuration: merged, copied, never shared. */
final class Tree {

    private Tree() {}

    /** Both as one: maps recursively, everything else of {@code upper} instead of what {@code lower} has there. */
    static Map<String, Object> merged(Map<String, Object> lower, Map<String, Object> upper) {
        var result = copy(lower);
        upper.forEach((key, value) -> {
            var below = map(result.get(key));
            var above = map(value);
            put(result, key, below != null && above != null ? merged(below, above) : copyOf(value));
        });
        return result;
    }

    /** The same down to its leaves. */
    static Map<String, Object> copy(Map<String, Object> map) {
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> put(copy, key, copyOf(value)));
        return copy;
    }

    private static @Nullable Object copyOf(@Nullable Object value) {
        var map = map(value);
        if (map != null) {
            return copy(map);
        }
        if (value instanceof List<?> list) {
            var copy = new ArrayList<@Nullable Object>();
            list.forEach(element -> copy.add(copyOf(element)));
            return copy;
        }
        return value;
    }

    /** The value as a map, {@code null} if it is not one. */
    @SuppressWarnings("unchecked")
    static @Nullable Map<String, Object> map(@Nullable Object value) {
        return value instanceof Map ? (Map<String, Object>) value : null;
    }

    /** Whether the value can be a text without quotes: a string or a whole number. */
    static boolean isText(@Nullable Object value) {
        return value instanceof String || isWhole(value);
    }

    /** Whether the value is a whole number of any size. */
    static boolean isWhole(@Nullable Object value) {
        return value instanceof Number && !(value instanceof Double || value instanceof Float);
    }

    /** The value as messages show it. */
    static String shown(@Nullable Object value) {
        String text = value instanceof CharSequence ? "\"" + value + "\"" : String.valueOf(value);
        return text.length() > 80 ? text.substring(0, 77) + "..." : text;
    }

    /** A key may hold null, which overrides what a lower map has. */
    @SuppressWarnings("NullAway")
    static void put(Map<String, Object> map, String key, @Nullable Object value) {
        map.put(key, value);
    }
}
