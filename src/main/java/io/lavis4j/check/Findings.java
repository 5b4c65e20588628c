package io.lavis4j.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What is found in one place, counted by kind, with the first few of each. */
final class Findings {

    private static final int EXAMPLES = 5;

    private final String where;
    private final Map<Kind, Found> all = new EnumMap<>(Kind.class);

    private static final class Found {
        private final List<String> examples = new ArrayList<>();
        private long count;
    }

    Findings(String where) {
        this.where = where;
    }

    /** One more of a kind; its example is made if it is one of the first. */
    void add(Kind kind, Supplier<String> example) {
        var found = all.computeIfAbsent(kind, k -> new Found());
        if (found.count++ < EXAMPLES) {
            found.examples.add(example.get());
        }
    }

    void addAll(Kind kind, List<String> examples) {
        examples.forEach(example -> add(kind, () -> example));
    }

    long count(Kind kind) {
        var found = all.get(kind);
        return found == null ? 0 : found.count;
    }

    List<Problem> problems() {
        return all.entrySet().stream()
                .map(entry -> new Problem(
                        entry.getKey(),
                        where,
                        entry.getValue().count,
                        entry.getValue().examples,
                        entry.getKey().advice()))
                .toList();
    }
}
