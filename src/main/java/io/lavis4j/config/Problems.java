package io.lavis4j.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The problems of one configuration, each key once: of a key's problems the first is the one to read. */
final class Problems {

    private final List<String> messages = new ArrayList<>();
    private final Set<String> keys = new LinkedHashSet<>();
    private final Set<String> incomplete = new HashSet<>();
    private int noted;

    /** @param key dotted path of the key */
    void add(String key, String message) {
        noted++;
        if (keys.add(key)) {
            messages.add(key + " " + message);
        }
    }

    /** A problem of no key in particular. */
    void add(String message) {
        noted++;
        messages.add(message);
    }

    /** Like {@link #add(String, String)}, not said of a section whose defaults are missing for a reason that was. */
    void addMissing(String section, String key, String message) {
        if (!incomplete(section)) {
            add(key, message);
        }
    }

    /** Whether a section's defaults are missing, which is one more problem of whoever wants to read it. */
    boolean incomplete(String section) {
        boolean found = incomplete.stream().anyMatch(other -> (section + ".").startsWith(other + "."));
        if (found) {
            noted++;
        }
        return found;
    }

    /** Whether a problem of a key has been said. */
    boolean has(String key) {
        return keys.contains(key);
    }

    /** The section's defaults, or the section itself, could not be found. */
    void markIncomplete(String section) {
        incomplete.add(section);
    }

    /** Grows with every problem, said or not: whoever reads the same before and after has read real values only. */
    int noted() {
        return noted;
    }

    List<String> messages() {
        return messages;
    }
}
