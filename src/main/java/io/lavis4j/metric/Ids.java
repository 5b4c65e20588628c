package io.lavis4j.metric;

import java.util.List;
import java.util.stream.Collectors;

/** Ids in messages: the first twenty, then how many more. */
public final class Ids {

    private static final int SHOWN = 20;

    private Ids() {}

    public static String some(List<String> ids) {
        var shown = ids.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return ids.size() <= SHOWN ? shown : "%s and %d more".formatted(shown, ids.size() - SHOWN);
    }
}
