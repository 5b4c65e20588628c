package io.lavis4j.config;

import io.lavis4j.config.Expression.Call;
import io.lavis4j.config.Expression.Constant;
import io.lavis4j.config.Expression.Entries;
import io.lavis4j.config.Expression.Items;
import io.lavis4j.config.Expression.Joined;
import io.lavis4j.config.Expression.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of a tree's interpolations, as OmegaConf 2.4 has them: a key is looked for in the whole merged tree, a
 * text that is one interpolation has that value whatever its type, any other is a text.
 *
 * <p>Unlike in OmegaConf a list or map cannot be part of a text, and {@code oc.deprecated} is unknown.
 */
final class Resolution {

    private static final int MAX_STEPS = 1_000_000;
    private static final int MAX_TEXT = 1 << 20;
    private static final List<String> RESOLVERS =
            List.of("oc.env", "oc.decode", "oc.select", "oc.create", "oc.dict.keys", "oc.dict.values");

    private final Map<String, Object> root;
    private final Function<String, @Nullable String> environment;
    private final Map<String, String> problems = new LinkedHashMap<>();
    private final Set<List<String>> open = new HashSet<>();
    private final Set<String> referred;
    private int steps;

    /** A value and its place, from which relative keys in it count; a resolver's result is without interpolations. */
    private record Node(@Nullable Object value, List<String> path, boolean result) {

        Node(@Nullable Object value, List<String> path) {
            this(value, path, false);
        }

        Node child(String key, @Nullable Object child) {
            var longer = new ArrayList<>(path);
            longer.add(key);
            return new Node(child, longer, result);
        }

        String key() {
            return String.join(".", path);
        }
    }

    /** An interpolation that has no value. */
    private static final class Unresolved extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        private final String key;

        /** @param problem why; continues the key, what stands there and where that was written */
        Unresolved(Node node, String problem) {
            super("%s is %s%s, %s"
                    .formatted(
                            node.key(),
                            Tree.shown(String.valueOf(node.value)),
                            node.value instanceof Interpolation written ? " (" + written.place() + ")" : "",
                            problem));
            key = node.key();
        }
    }

    /**
     * @param environment value of an environment variable, {@code null} if it is not set
     * @param referred given the first key of everything that interpolations elsewhere refer to
     */
    Resolution(Map<String, Object> root, Function<String, @Nullable String> environment, Set<String> referred) {
        this.root = root;
        this.environment = environment;
        this.referred = referred;
    }

    /**
     * The value at a path, the whole tree at none, without interpolations.
     *
     * @return {@code null} if nothing is there
     * @throws ConfigException with every interpolation in it that has no value
     */
    @Nullable
    Object value(String... path) {
        var node = new Node(root, List.of());
        for (String key : path) {
            var map = Tree.map(node.value);
            node = node.child(key, map == null ? null : map.get(key));
        }
        var value = checked(node);
        if (!problems.isEmpty()) {
            throw new ConfigException(List.copyOf(problems.values()));
        }
        return value;
    }

    /** Puts the maps that interpolations stand for in their place, where {@code upper} has a map to merge into one. */
    void open(Map<String, Object> upper) {
        open(new Node(root, List.of()), upper);
    }

    private void open(Node node, Map<String, Object> upper) {
        var map = Section.present(Tree.map(node.value));
        upper.forEach((key, value) -> {
            var above = Tree.map(value);
            if (above == null) {
                return;
            }
            if (map.get(key) instanceof Interpolation) {
                var target = target(node.child(key, map.get(key)));
                map.computeIfPresent(key, (k, written) -> target == null ? written : Tree.copy(target));
            }
            if (Tree.map(map.get(key)) != null) {
                open(node.child(key, map.get(key)), above);
            }
        });
    }

    /** The map that an interpolation stands for, {@code null} if it stands for none. */
    private @Nullable Map<String, Object> target(Node node) {
        try {
            return Tree.map(followed(node).value);
        } catch (Unresolved e) {
            return null; // it is said if nothing replaces it
        }
    }

    private @Nullable Object checked(Node node) {
        try {
            return resolved(node);
        } catch (Unresolved e) {
            problems.putIfAbsent(e.key, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** The value with all that is in it. */
    private @Nullable Object resolved(Node node) {
        step();
        if (node.value instanceof Interpolation) {
            return resolved(node, followed(node));
        }
        boolean scalar = !(node.value instanceof Map || node.value instanceof List);
        if (node.result || scalar) {
            return node.value;
        }
        enter(node);
        try {
            return node.value instanceof List<?> list ? elements(node, list) : entries(node);
        } finally {
            open.remove(node.path);
        }
    }

    /** The value of what an interpolation at {@code node} refers to. */
    private @Nullable Object resolved(Node node, Node target) {
        if (!target.result && open.contains(target.path)) {
            throw new Unresolved(node, "which contains itself");
        }
        return resolved(target);
    }

    private List<@Nullable Object> elements(Node node, List<?> list) {
        var copy = new ArrayList<@Nullable Object>();
        for (var element : list) {
            copy.add(checked(node.child(String.valueOf(copy.size()), element)));
        }
        return copy;
    }

    private Map<String, Object> entries(Node node) {
        var copy = new LinkedHashMap<String, Object>();
        Section.present(Tree.map(node.value))
                .forEach((key, value) -> Tree.put(copy, key, checked(node.child(key, value))));
        return copy;
    }

    /** What an interpolation stands for, which is none; its own parts are as written. */
    private Node followed(Node node) {
        step();
        enter(node);
        try {
            return evaluated(node, ((Interpolation) Section.present(node.value)).expression());
        } finally {
            open.remove(node.path);
        }
    }

    private void enter(Node node) {
        if (!open.add(node.path)) {
            throw new Unresolved(node, "which refers to itself");
        }
        if (open.size() > YamlTokens.MAX_DEPTH) {
            throw new Unresolved(node, "more than %d levels deep".formatted(YamlTokens.MAX_DEPTH));
        }
    }

    private void step() {
        if (++steps > MAX_STEPS) {
            throw new ConfigException("interpolations make the configuration larger than %d values; write it without"
                    .formatted(MAX_STEPS));
        }
    }

    private Node evaluated(Node node, Expression expression) {
        if (expression instanceof Reference reference) {
            return found(node, reference);
        }
        Object value;
        if (expression instanceof Constant constant) {
            value = constant.value();
        } else if (expression instanceof Joined joined) {
            value = text(node, joined);
        } else if (expression instanceof Call call) {
            value = called(node, call);
        } else if (expression instanceof Items items) {
            value = values(node, items.values());
        } else {
            var map = new LinkedHashMap<String, Object>();
            ((Entries) expression).entries().forEach(entry -> Tree.put(map, entry.key(), value(node, entry.value())));
            value = map;
        }
        return new Node(value, node.path, true);
    }

    private @Nullable Object value(Node node, Expression expression) {
        return resolved(node, evaluated(node, expression));
    }

    private List<@Nullable Object> values(Node node, List<Expression> expressions) {
        var values = new ArrayList<@Nullable Object>();
        expressions.forEach(expression -> values.add(value(node, expression)));
        return values;
    }

    private String text(Node node, Joined joined) {
        var text = new StringBuilder();
        for (var part : joined.parts()) {
            text.append(text(node, value(node, part)));
            if (text.length() > MAX_TEXT) {
                throw new Unresolved(node, "which is a text of more than %d characters".formatted(MAX_TEXT));
            }
        }
        return text.toString();
    }

    private static String text(Node node, @Nullable Object value) {
        if (value instanceof Map || value instanceof List) {
            throw new Unresolved(
                    node, "where %s is a list or map and cannot be part of a text".formatted(Tree.shown(value)));
        }
        return PythonText.of(value);
    }

    private Node found(Node node, Reference reference) {
        if (reference.levels() > node.path.size()) {
            throw new Unresolved(node, "which has more dots than there are levels above it");
        }
        var base = reference.levels() == 0
                ? List.<String>of()
                : node.path.subList(0, node.path.size() - reference.levels());
        var path = new ArrayList<>(base);
        reference.keys().forEach(key -> path.add(text(node, value(node, key))));
        if (node.path.isEmpty() || !path.get(0).equals(node.path.get(0))) {
            referred.add(path.get(0));
        }
        var found = new Node(root, List.of());
        for (String key : path) {
            found = below(node, found, key);
            found = found.value instanceof Interpolation ? followed(found) : found;
        }
        return found;
    }

    /** What a list or map has under a key. */
    private static Node below(Node node, Node above, String key) {
        String missing = above.path.isEmpty() ? key : above.key() + "." + key;
        var map = Tree.map(above.value);
        if (map != null && map.containsKey(key)) {
            return above.child(key, map.get(key));
        }
        if (map != null) {
            throw new Unresolved(node, "but %s is unknown; %s".formatted(missing, Nearest.advice(key, map.keySet())));
        }
        if (!(above.value instanceof List<?> list)) {
            throw new Unresolved(
                    node, "but %s is %s, which has no %s".formatted(above.key(), Tree.shown(above.value), key));
        }
        if (key.matches("-?[0-9]{1,9}")) {
            int index = Integer.parseInt(key), counted = index < 0 ? index + list.size() : index;
            if (counted >= 0 && counted < list.size()) {
                return above.child(String.valueOf(counted), list.get(counted));
            }
        }
        throw new Unresolved(node, "but %s is a list of %d, which has no %s".formatted(above.key(), list.size(), key));
    }

    private @Nullable Object called(Node node, Call call) {
        var arguments = values(node, call.arguments());
        int most = call.resolver().equals("oc.env") || call.resolver().equals("oc.select") ? 2 : 1;
        if (!RESOLVERS.contains(call.resolver())) {
            throw new Unresolved(
                    node,
                    "but the resolver %s is unknown; %s"
                            .formatted(call.resolver(), Nearest.adviceAndList(call.resolver(), RESOLVERS)));
        }
        if (arguments.isEmpty() || arguments.size() > most) {
            throw new Unresolved(
                    node,
                    "but %s takes %s, got %d"
                            .formatted(
                                    call.resolver(), most == 1 ? "one value" : "one or two values", arguments.size()));
        }
        var first = arguments.get(0);
        return switch (call.resolver()) {
            case "oc.env" -> variable(node, first, arguments);
            case "oc.decode" ->
                first == null ? null : value(node, parsed(node, call, first, InterpolationParser::value));
            case "oc.select" -> selected(node, reference(node, call, first), arguments);
            case "oc.create" -> collection(node, call, first);
            default -> keysOrValues(node, call, first);
        };
    }

    private @Nullable Object variable(Node node, @Nullable Object name, List<@Nullable Object> arguments) {
        var value = environment.apply(text(node, name));
        if (value != null) {
            return value;
        }
        if (arguments.size() < 2) {
            throw new Unresolved(
                    node,
                    "but the environment has no %1$s; set it, or a default as ${oc.env:%1$s,default}".formatted(name));
        }
        var otherwise = arguments.get(1);
        return otherwise == null ? null : text(node, otherwise);
    }

    private @Nullable Object selected(Node node, Reference key, List<@Nullable Object> arguments) {
        Node found;
        try {
            found = found(node, key);
        } catch (Unresolved e) {
            return arguments.size() < 2 ? null : arguments.get(1);
        }
        return resolved(node, found);
    }

    private static Object collection(Node node, Call call, @Nullable Object value) {
        if (value instanceof Map || value instanceof List) {
            return value;
        }
        throw new Unresolved(node, "but %s takes a list or map, got %s".formatted(call.resolver(), Tree.shown(value)));
    }

    private Object keysOrValues(Node node, Call call, @Nullable Object key) {
        var map = Tree.map(resolved(node, found(node, reference(node, call, key))));
        if (map == null) {
            throw new Unresolved(node, "but %s takes the key of a map, got %s".formatted(call.resolver(), key));
        }
        return new ArrayList<@Nullable Object>(call.resolver().endsWith("keys") ? map.keySet() : map.values());
    }

    private static Reference reference(Node node, Call call, @Nullable Object key) {
        return parsed(node, call, key, InterpolationParser::reference);
    }

    private static <T> T parsed(Node node, Call call, @Nullable Object text, Function<InterpolationParser, T> grammar) {
        if (!(text instanceof String string)) {
            throw new Unresolved(node, "but %s takes a text, got %s".formatted(call.resolver(), Tree.shown(text)));
        }
        try {
            return grammar.apply(new InterpolationParser(string));
        } catch (IllegalArgumentException e) {
            throw new Unresolved(node, "but %s: %s".formatted(call.resolver(), e.getMessage()));
        }
    }
}
