package io.lavis4j.zoo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The published types by the files that they need. */
final class PublishedTypes {

    private PublishedTypes() {}

    /**
     * The command that fetches something missing: that of a type that needs all references, else of the first that
     * needs the missing one; empty if no type does.
     */
    static Optional<String> download(String missing, List<String> references) {
        var types = all();
        return types.entrySet().stream()
                .filter(type ->
                        type.getValue().contains(missing) && type.getValue().containsAll(references))
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> types.entrySet().stream()
                        .filter(type -> type.getValue().contains(missing))
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    /** References, by the command. */
    private static Map<String, Set<String>> all() {
        var types = new LinkedHashMap<String, Set<String>>();
        for (var architecture : new ModelZoo()) {
            for (String type : architecture.published()) {
                types.put(
                        "download model %s %s".formatted(architecture.name(), type),
                        architecture.type(type).sources().stream()
                                .map(WeightSource::reference)
                                .collect(Collectors.toSet()));
            }
        }
        return types;
    }
}
