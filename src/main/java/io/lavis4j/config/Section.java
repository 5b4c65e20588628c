package io.lavis4j.config;

import io.lavis4j.io.FileNames;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One map of a configuration, read strictly.
 *
 * <p>A getter checks the value's type. A problem is noted and a placeholder returned, so that all problems are found in
 * one pass; {@link #requireValid()} of any section throws them together, for each key the first. A key that nobody has
 * asked for when {@link #read} returns is an unknown key; a section inside is checked by its own {@code read}.
 *
 * <p>Where two owners share a section, as the runner and the task share {@code run}, one {@code read} goes around both
 * and each owner's own inside it:
 *
 * <pre>{@code
 * root.section("run").read(run -> {
 *     var config = run.read(RunConfig::read);
 *     var task = run.read(CaptioningConfig::read);
 *     return config == null || task == null ? null : new Job(config, task);
 * });
 * }</pre>
 */
public final class Section {

    private final String path;
    private final Map<String, Object> values;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, Section> sections = new LinkedHashMap<>();
    private int readers;

    private Section(String path, Map<String, Object> values, Problems problems) {
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
        return root(values, new Problems());
    }

    static Section root(Map<String, Object> values, Problems problems) {
        return new Section("", values, problems);
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
        return value(key) != null;
    }

    /** The section's own values, for logs and copies; unlike the getters this asks for no key. */
    public Map<String, Object> values() {
        return new LinkedHashMap<>(values);
    }

    /** A text that must be there. */
    public String string(String key) {
        return required(key, "a text", "", this::string);
    }

    /** A text that must be there and should be one of these. */
    String name(String key, Collection<String> known) {
        return required(key, "one of " + known, "", this::string);
    }

    /** A text, or {@code otherwise} where there is none. A whole number is a text, other values want quotes. */
    public String string(String key, String otherwise) {
        var text = stringIfPresent(key);
        return text == null ? otherwise : text;
    }

    /** A text, {@code null} where there is none. */
    public @Nullable String stringIfPresent(String key) {
        var value = value(key);
        if (value == null || Tree.isText(value)) {
            return value == null ? null : value.toString();
        }
        boolean scalar = !(value instanceof Map || value instanceof List);
        noteWrong(key, scalar ? "a text, in quotes" : "a text", value);
        return null;
    }

    /** A whole number that must be there. */
    public int integer(String key) {
        return required(key, "a whole number", 0, this::integer);
    }

    /** A whole number, or {@code otherwise} where there is none. */
    public int integer(String key, int otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number && Tree.isWhole(value) && number.doubleValue() == number.intValue()) {
            return number.intValue();
        }
        return wrong(key, Tree.isWhole(value) ? "a whole number of 32 bits" : "a whole number", value, otherwise);
    }

    /** A number that must be there. */
    public double number(String key) {
        return required(key, "a number", 0.0, this::number);
    }

    /** A finite number, or {@code otherwise} where there is none. */
    public double number(String key, double otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        return isFinite(value) ? ((Number) value).doubleValue() : wrong(key, "a number", value, otherwise);
    }

    private static boolean isFinite(Object value) {
        return value instanceof Number number && Double.isFinite(number.doubleValue());
    }

    /** True or false, which must be there. */
    public boolean flag(String key) {
        return required(key, "true or false", false, this::flag);
    }

    /** True or false, or {@code otherwise} where there is neither. */
    public boolean flag(String key, boolean otherwise) {
        var value = value(key);
        if (value == null) {
            return otherwise;
        }
        return value instanceof Boolean flag ? flag : wrong(key, "true or false", value, otherwise);
    }

    /** One of an enum's constants, which must be there; in the file they are written in lower case. */
    public <E extends Enum<E>> E choice(String key, Class<E> type) {
        var constants = type.getEnumConstants();
        return required(key, "one of " + names(constants), constants[0], this::choice);
    }

    /** One of an enum's constants, or {@code otherwise} where there is none. */
    public <E extends Enum<E>> E choice(String key, E otherwise) {
        var text = stringIfPresent(key);
        if (text == null) {
            return otherwise;
        }
        var constants = otherwise.getDeclaringClass().getEnumConstants();
        for (var constant : constants) {
            if (name(constant).equals(text)) {
                return constant;
            }
        }
        problem(key, "is \"%s\", which is unknown; %s".formatted(text, Nearest.adviceAndList(text, names(constants))));
        return otherwise;
    }

    private static List<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Section::name).toList();
    }

    private static String name(Enum<?> constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    /** A list of texts or a single one; empty where there is none. */
    public List<String> strings(String key) {
        var value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(Tree::isText)) {
            return list.stream().map(String::valueOf).toList();
        }
        return Tree.isText(value) ? List.of(value.toString()) : wrong(key, "a list of texts", value, List.of());
    }

    /** A list of finite numbers; empty where there is none. */
    public List<Double> numbers(String key) {
        var value = value(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(Section::isFinite)) {
            return list.stream().map(e -> ((Number) e).doubleValue()).toList();
        }
        return wrong(key, "a list of numbers", value, List.of());
    }

    /** A path of the file system, {@code null} where there is none; {@code ~/} at its beginning is the user's home. */
    public @Nullable Path file(String key) {
        var text = stringIfPresent(key);
        return text == null ? null : file(key, text);
    }

    /** The path that a text under a key means, {@code null} if it cannot be one, which is noted. */
    public @Nullable Path file(String key, String text) {
        try {
            return FileNames.setting(text);
        } catch (InvalidPathException e) {
            problem(key, "is not a path: " + e.getMessage());
            return null;
        }
    }

    /** A section that must be there. */
    public Section section(String key) {
        if (!has(key)) {
            problems.addMissing(path, path(key), "is missing; expected a section");
            problems.markIncomplete(path(key));
        }
        var section = sectionIfPresent(key);
        return section == null ? new Section(path(key), Map.of(), problems) : section;
    }

    /** A section, {@code null} where there is none; the same at each call. */
    public @Nullable Section sectionIfPresent(String key) {
        var value = value(key);
        if (value == null) {
            return null;
        }
        var map = Tree.map(value);
        if (map == null) {
            noteWrong(key, "a section", value);
            problems.markIncomplete(path(key));
        }
        return sections.computeIfAbsent(key, k -> new Section(path(k), map == null ? Map.of() : map, problems));
    }

    /** Every entry as a section, whatever its name. */
    public Map<String, Section> sections() {
        var all = new LinkedHashMap<String, Section>();
        for (String key : values.keySet()) {
            all.put(key, section(key));
        }
        return all;
    }

    /** Takes any value under {@code key} as known without reading it. */
    public void ignore(String key) {
        known.add(key);
    }

    /**
     * Notes a problem with the value of a key; the message continues "key ". A value that is missing with the defaults
     * is not to blame.
     */
    public void problem(String key, String message) {
        if (values.containsKey(key)) {
            problems.add(path(key), message);
        } else {
            problems.addMissing(path, path(key), message);
        }
    }

    /** Whether no problem of a key has been noted: what was read is its value, and other values can be held to it. */
    public boolean isSound(String key) {
        return !problems.has(path(key));
    }

    /** Notes a problem with the whole section; the message continues its path. */
    public void problem(String message) {
        problems.add(path, message);
    }

    /** Nothing that is missing here or inside is to be reported any more: the defaults could not be found. */
    void markIncomplete() {
        problems.markIncomplete(path);
    }

    /** Whether the defaults could not be found, which has been said; all keys count as known then. */
    public boolean incomplete() {
        boolean incomplete = problems.incomplete(path);
        if (incomplete) {
            known.addAll(values.keySet());
        }
        return incomplete;
    }

    /** Notes that the value of a key must be something else; the message goes "key must be expected, got found". */
    public void check(boolean holds, String key, String expected) {
        if (!holds) {
            noteWrong(key, expected, values.get(key));
        }
    }

    /** Notes what checks by this section's keys have found. */
    public void check(Checks checks) {
        checks.problems().forEach(this::problemOfKey);
    }

    /**
     * Reads this section into a value and notes the keys that were not asked for. Inside another {@code read} of the
     * same section that is left to the outer one.
     *
     * @param reader an {@link IllegalArgumentException} of it becomes a problem too; one that it throws after a getter
     *     gave a placeholder is taken for a consequence of that
     * @return {@code null} if there was any problem, which {@link #requireValid()} will throw
     */
    public <T> @Nullable T read(Function<Section, ? extends @Nullable T> reader) {
        int before = problems.noted();
        T value = null;
        readers++;
        try {
            value = reader.apply(this);
        } catch (ConfigException e) {
            e.problems().forEach(this::problemOfKey);
        } catch (IllegalArgumentException e) {
            if (problems.noted() == before && !problems.incomplete(path)) { // else it comes from a placeholder
                problems.add(path.isEmpty() ? String.valueOf(e.getMessage()) : path + ": " + e.getMessage());
                known.addAll(values.keySet()); // the reader did not come to all of them
            }
        } finally {
            readers--;
        }
        if (readers == 0) {
            for (String key : values.keySet()) {
                if (!known.contains(key)) {
                    problem(key, "is unknown; " + Nearest.advice(key, known));
                }
            }
        }
        return problems.noted() == before ? value : null;
    }

    /** A problem that begins with the name of one of this section's keys, as those of {@link Checks} do. */
    private void problemOfKey(String problem) {
        int space = problem.indexOf(' ');
        problem(problem.substring(0, Math.max(space, 0)), problem.substring(space + 1));
    }

    /**
     * Part of what a reader makes, inside {@link #read}: the part itself.
     *
     * @param part the result of an inner {@code read}
     * @throws IllegalArgumentException if it is null; {@code read} has noted why
     */
    public static <T> T present(@Nullable T part) {
        if (part == null) {
            throw new IllegalArgumentException("a part is not valid");
        }
        return part;
    }

    /** @throws ConfigException with every problem that any section of this tree has met */
    public void requireValid() {
        if (!problems.messages().isEmpty()) {
            throw new ConfigException(problems.messages());
        }
    }

    private @Nullable Object value(String key) {
        known.add(key);
        return values.get(key);
    }

    private interface Getter<T> {
        T get(String key, T otherwise);
    }

    private <T> T required(String key, String expected, T placeholder, Getter<T> getter) {
        if (!has(key)) {
            problems.addMissing(path, path(key), "is missing; expected " + expected);
            return placeholder;
        }
        return getter.get(key, placeholder);
    }

    private <T> T wrong(String key, String expected, Object found, T placeholder) {
        noteWrong(key, expected, found);
        return placeholder;
    }

    private void noteWrong(String key, String expected, @Nullable Object found) {
        problem(key, "must be %s, got %s".formatted(expected, Tree.shown(found)));
    }
}
