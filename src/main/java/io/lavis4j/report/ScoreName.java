package io.lavis4j.report;

import java.util.regex.Pattern;

/**
 * A score's name as tasks log it: {@code CIDEr} of a whole split, {@code CIDEr[confidence=3]} of a group of its items.
 *
 * @param metric {@code CIDEr}, or {@code items} for how many there are
 * @param key {@code confidence}; empty for the whole split
 * @param group {@code 3}; empty for the whole split
 */
record ScoreName(String metric, String key, String group) {

    private static final Pattern OF_GROUP = Pattern.compile("([^\\[]+)\\[([^=]+)=(.*)]");

    static ScoreName of(String name) {
        var found = OF_GROUP.matcher(name);
        return found.matches()
                ? new ScoreName(found.group(1), found.group(2), found.group(3))
                : new ScoreName(name, "", "");
    }

    boolean isOfGroup() {
        return !key.isEmpty();
    }
}
