package io.lavis4j.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One map of a configuration, read strictly.
 *
 * <p>A getter checks the value's type. What is wrong is noted and a placeholder returned, so that all problems are
 * found in one pass; {@link #requireValid()} of any section throws them together. A key that nobody has asked for when
 * {@link #read} returns is an unknown key.
 */
public final class Section {

    private final String path;
    private final Map<String, Object> values;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();

    private Section(String path, Map<String, Object> values, List<String> problems) {
        this.path = path;
        this.values = values;
        this.problems = problems;
    }

    /**
     * The root of a tree.
     *
     * @param values maps, lists, strings, numbers, booleans and nulls, as YAML gives them
     */
    public static Section root(Map<String, Object> values) {
        return new Section("", values, new ArrayList<>());
    }

    /** Dotted path from the root; empty for the root. */
    public String path() {
        return path;
    }

    /** The dotted path of a key. */
    public String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Whether a key has a value that is not null. */
    public boolean has(String key) {
        known.add(key);
        return values.get(key) != null;
    }

    /** The section's own values, for logs and copies; unlike the getters this asks for no key. */
    public Map<String, Object> values() {
        return new LinkedHashMap<>(values);
    }

    /** A text that must be there. */
    public String string(String key) {
        return required(key, "", this::string);
    }

    /** A text, or {@code otherwise} where there is none. */
    public String string(String key, String otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Map || value instanceof List) {
            return wrong(key, "a text", value, otherwise);
        }
        return value.toString();
    }

    /** A whole number that must be there. */
    public int integer(String key) {
        return required(key, 0, this::integer);
    }

    /** A whole number, or {@code otherwise} where there is none. */
    public int integer(String key, int otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number
                && number.doubleValue() == number.intValue()
                && !(number instanceof Double || number instanceof Float)) {
            return number.intValue();
        }
        return wrong(key, "a whole number", value, otherwise);
    }

    /** A number that must be there. */
    public double number(String key) {
        return required(key, 0.0, this::number);
    }

    /** A number, or {@code otherwise} where there is none. */
    public double number(String key, double otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        return value instanceof Number number ? number.doubleValue() : wrong(key, "a number", value, otherwise);
    }

    /** True or false, which must be there. */
    public boolean flag(String key) {
        return required(key, false, this::flag);
    }

    /** True or false, or {@code otherwise} where there is neither. */
    public boolean flag(String key, boolean otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        return value instanceof Boolean flag ? flag : wrong(key, "true or false", value, otherwise);
    }

    /** A list of texts or a single one; empty where there is none. */
    public List<String> strings(String key) {
        var value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().noneMatch(e -> e instanceof Map || e instanceof List)) {
            return list.stream().map(String::valueOf).toList();
        }
        return value instanceof List || value instanceof Map
                ? wrong(key, "a list of texts", value, List.of())
                : List.of(value.toString());
    }

    /** A list of numbers; empty where there is none. */
    public List<Double> numbers(String key) {
        var value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
            return list.stream().map(e -> ((Number) e).doubleValue()).toList();
        }
        return wrong(key, "a list of numbers", value, List.of());
    }

    /** A section that must be there. */
    public Section section(String key) {
        if (!has(key)) {
            problem(key, "is missing; expected a section");
        }
        var section = sectionIfPresent(key);
        return section == null ? new Section(path(key), Map.of(), problems) : section;
    }

    /** A section, {@code null} where there is none. */
    @SuppressWarnings("unchecked")
    public @Nullable Section sectionIfPresent(String key) {
        var value = value(key);
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return new Section(path(key), (Map<String, Object>) map, problems);
        }
        return wrong(key, "a section", value, new Section(path(key), Map.of(), problems));
    }

    /** Every entry as a section, whatever its name. */
    public Map<String, Section> sections() {
        var sections = new LinkedHashMap<String, Section>();
        for (String key : values.keySet()) {
            sections.put(key, section(key));
        }
        return sections;
    }

    /** Takes any value under {@code key} as known without reading it. */
    public void ignore(String key) {
        known.add(key);
    }

    /** Notes a problem with the value of a key; the message continues "key ". */
    public void problem(String key, String message) {
        problems.add(path(key) + " " + message);
    }

    /**
     * Reads this section into a value and notes the keys that were not asked for.
     *
     * @param reader what it throws as {@link IllegalArgumentException} becomes a problem too
     * @return {@code null} if there was any problem, which {@link #requireValid()} will throw
     */
    public <T> @Nullable T read(Function<Section, T> reader) {
        int before = problems.size();
        T value = null;
        try {
            value = reader.apply(this);
        } catch (IllegalArgumentException e) {
            if (problems.size() == before) { // else it comes from a placeholder
                problems.add(path.isEmpty() ? String.valueOf(e.getMessage()) : path + ": " + e.getMessage());
            }
        }
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                problem(key, "is unknown; " + Nearest.advice(key, known));
            }
        }
        return problems.size() == before ? value : null;
    }

    /** @throws ConfigException with every problem that any section of this tree has met */
    public void requireValid() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private @Nullable Object value(String key) {
        known.add(key);
        return values.get(key);
    }

    private interface Getter<T> {
        T get(String key, T otherwise);
    }

    private <T> T required(String key, T placeholder, Getter<T> getter) {
        if (!has(key)) {
            problem(key, "is missing");
            return placeholder;
        }
        return getter.get(key, placeholder);
    }

    private <T> T wrong(String key, String expected, Object found, T placeholder) {
        problem(key, "must be %s, got %s".formatted(expected, found instanceof String ? "\"" + found + "\"" : found));
        return placeholder;
    }
}
