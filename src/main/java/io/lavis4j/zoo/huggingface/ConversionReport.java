package io.lavis4j.zoo.huggingface;

import io.lavis4j.io.Listing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What became of each tensor of a conversion, by the rule that it fell under. */
public final class ConversionReport {

    private static final int SHOWN = 3;

    private final Map<String, List<String>> names = new LinkedHashMap<>();

    ConversionReport() {}

    /** @param rule in words: {@code kept in lavis.safetensors} */
    void add(String rule, String name) {
        names.computeIfAbsent(rule, r -> new ArrayList<>()).add(name);
    }

    /** The names under each rule, in the order of the conversion. */
    public Map<String, List<String>> names() {
        return names.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> List.copyOf(entry.getValue()),
                        (first, second) -> first,
                        LinkedHashMap::new));
    }

    /** A line for each rule: how many tensors, and the first of them. */
    @Override
    public String toString() {
        return names.entrySet().stream()
                .map(entry -> "%5d %s: %s"
                        .formatted(entry.getValue().size(), entry.getKey(), Listing.of(entry.getValue(), SHOWN)))
                .collect(Collectors.joining("\n"));
    }
}
