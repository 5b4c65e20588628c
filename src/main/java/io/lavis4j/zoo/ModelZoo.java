package io.lavis4j.zoo;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/** The table of architectures and their published types; {@link #toString()} prints it as LAVIS does. */
public final class ModelZoo implements Iterable<ModelZoo.Architecture> {

    /**
     * One row.
     *
     * @param name as in {@code model.arch}
     * @param types as in {@code model.model_type}
     */
    public record Architecture(String name, List<String> types) {

        public Architecture {
            types = List.copyOf(types);
        }
    }

    private static final int NAME_COLUMNS = 30;
    private static final String RULE = "=".repeat(50);

    /** A new architecture adds its row here. */
    private static final List<Architecture> ARCHITECTURES =
            List.of(new Architecture(Blip2OptType.ARCHITECTURE, Blip2OptType.published()));

    /** The rows in order. */
    @Override
    public Iterator<Architecture> iterator() {
        return ARCHITECTURES.iterator();
    }

    /** Number of types of all architectures together. */
    public int size() {
        return ARCHITECTURES.stream()
                .mapToInt(architecture -> architecture.types().size())
                .sum();
    }

    /**
     * The types of an architecture.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public List<String> types(String architecture) {
        return ARCHITECTURES.stream()
                .filter(row -> row.name().equals(architecture))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown architecture \"%s\", expected one of %s"
                        .formatted(
                                architecture,
                                ARCHITECTURES.stream().map(Architecture::name).toList())))
                .types();
    }

    @Override
    public String toString() {
        String rows = ARCHITECTURES.stream()
                .map(row -> row(row.name(), String.join(", ", row.types())))
                .collect(Collectors.joining("\n"));
        return String.join("\n", RULE, row("Architectures", "Types"), RULE, rows);
    }

    private static String row(String name, String types) {
        return ("%-" + NAME_COLUMNS + "s %s").formatted(name, types);
    }
}
