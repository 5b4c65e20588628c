package io.lavis4j.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Checks of a record's components by the names of their keys. A constructor throws what was found together; a reader
 * that has several parts notes it with {@link Section#check(Checks)}, so that no part hides what is wrong with another.
 */
public final class Checks {

    private final List<String> problems = new ArrayList<>();

    /** Whether {@code value} is {@code least} or more. */
    public Checks atLeast(String key, long value, long least) {
        return that(value >= least, key, "at least " + least, value);
    }

    /** Whether {@code value} is a finite number from {@code low} to {@code high}, both included. */
    public Checks between(String key, double value, double low, double high) {
        return that(value >= low && value <= high, key, "from %s to %s".formatted(low, high), value);
    }

    /** Whether {@code value} is finite and above 0. */
    public Checks positive(String key, double value) {
        return that(value > 0 && Double.isFinite(value), key, "above 0", value);
    }

    /** Whether {@code value} is finite and not below 0. */
    public Checks notNegative(String key, double value) {
        return that(value >= 0 && Double.isFinite(value), key, "0 or more", value);
    }

    /** @param expected condition of the value; the message goes "key must be expected, got found" */
    public Checks that(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            problems.add("%s must be %s, got %s".formatted(key, expected, Tree.shown(found)));
        }
        return this;
    }

    List<String> problems() {
        return problems;
    }

    /** @throws ConfigException if any check failed */
    public void done() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
