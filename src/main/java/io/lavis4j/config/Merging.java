package io.lavis4j.config;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The trees of one configuration, whose interpolations get their values once all trees are merged. */
final class Merging {

    private final Function<String, @Nullable String> environment;
    private final Set<String> referred = new HashSet<>();

    /** @param environment value of an environment variable, {@code null} if it is not set */
    Merging(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    private Resolution resolution(Map<String, Object> tree) {
        return new Resolution(tree, environment, referred);
    }

    /** Both as one, as {@link Tree#merged}; a map goes into the map that an interpolation below it stands for. */
    Map<String, Object> merged(Map<String, Object> lower, Map<String, Object> upper) {
        return Tree.merged(opened(lower, upper), upper);
    }

    private Map<String, Object> opened(Map<String, Object> lower, Map<String, Object> upper) {
        var copy = Tree.copy(lower);
        resolution(copy).open(upper);
        return copy;
    }

    /** With the sections themselves where a file has interpolations for them: they go over the defaults. */
    Map<String, Object> withSections(Map<String, Object> file) {
        var sections = opened(file, Map.of("model", Map.of(), "datasets", Map.of()));
        var datasets = new LinkedHashMap<String, Object>();
        var named = Tree.map(sections.get("datasets"));
        if (named != null) {
            named.keySet().forEach(name -> datasets.put(name, Map.of()));
        }
        return opened(sections, Map.of("datasets", datasets));
    }

    /** With the values of what names a default file. */
    Map<String, Object> withDefaultNames(Map<String, Object> tree) {
        var model = Tree.map(tree.get("model"));
        if (model != null) {
            for (String key : List.of("arch", "model_type")) {
                model.computeIfPresent(key, (k, written) -> value(tree, "model", key));
            }
        }
        var datasets = Tree.map(tree.get("datasets"));
        if (datasets != null) {
            datasets.forEach((name, value) -> {
                var dataset = Tree.map(value);
                if (dataset != null) {
                    dataset.computeIfPresent("type", (k, written) -> value(tree, "datasets", name, "type"));
                }
            });
        }
        return tree;
    }

    /** The value at a path; {@code null} where there is none. */
    @Nullable
    Object value(Map<String, Object> tree, String... path) {
        return resolution(tree).value(path);
    }

    /**
     * The tree without interpolations, and without what these referred to under a top-level key of the user's own.
     *
     * @param keys the top-level keys that have a meaning
     */
    Map<String, Object> resolved(Map<String, Object> tree, Collection<String> keys) {
        var resolved = Section.present(Tree.map(value(tree)));
        resolved.keySet().removeIf(key -> !keys.contains(key) && referred.contains(key));
        return resolved;
    }
}
