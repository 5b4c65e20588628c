package io.lavis4j.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the command line: all as {@code key=value}, or as {@code key value} in turns, which the first item
 * decides by having an equals sign or not. Keys are dotted.
 *
 * <p>A value is read as YAML if it is a list {@code []}, a map {@code {}} or in quotes; everything else is one scalar
 * as it stands, so that {@code model.prompt=Inference:} is a text. Nothing after the equals sign is null.
 */
final class Options {

    private static final Pattern KEY = Pattern.compile("[^\\s.=]+(?:\\.[^\\s.=]+)*+");
    private static final String FORMS = "write all options as key=value, or all as key value, as in run.device=cpu";

    private final Map<String, Object> tree = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private Options() {}

    /**
     * The tree that the items describe; of two values for one key the later holds.
     *
     * @throws ConfigException if any item is malformed; it names all of these
     */
    static Map<String, Object> tree(List<String> items) {
        var options = new Options();
        if (!items.isEmpty() && !items.get(0).contains("=")) {
            options.inTurns(items);
        } else {
            items.forEach(options::assignment);
        }
        if (!options.problems.isEmpty()) {
            throw new ConfigException(options.problems);
        }
        return options.tree;
    }

    private void inTurns(List<String> items) {
        for (int i = 0; i < items.size(); i += 2) {
            if (i + 1 == items.size()) {
                problems.add("option \"%s\" has no value; %s".formatted(items.get(i), FORMS));
            } else {
                set(items.get(i), items.get(i + 1));
            }
        }
    }

    private void assignment(String item) {
        int equals = item.indexOf('=');
        if (equals < 0) {
            problems.add("option \"%s\" has no \"=\"; %s".formatted(item, FORMS));
        } else {
            set(item.substring(0, equals), item.substring(equals + 1));
        }
    }

    private void set(String key, String text) {
        if (!KEY.matcher(key).matches()) {
            problems.add("option \"%s\" is not a dotted key, as run.device is; %s".formatted(key, FORMS));
            return;
        }
        var path = key.split("\\.", -1);
        if (path.length > YamlTokens.MAX_DEPTH) {
            problems.add("option \"%.40s...\" has more than %d parts".formatted(key, YamlTokens.MAX_DEPTH));
            return;
        }
        var map = tree;
        for (int i = 0; i < path.length - 1; i++) {
            var inner = Tree.map(map.get(path[i]));
            if (inner == null) {
                inner = new LinkedHashMap<>();
                map.put(path[i], inner);
            }
            map = inner;
        }
        Tree.put(map, path[path.length - 1], value(key, text));
    }

    private @Nullable Object value(String key, String text) {
        String value = text.strip();
        String name = "option " + key;
        try {
            return value.matches("(?s)[\\[{\"'].*") ? YamlReader.value(name, value) : YamlReader.scalar(name, value);
        } catch (ConfigException e) {
            problems.addAll(e.problems());
            return null;
        }
    }
}
