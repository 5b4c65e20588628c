package io.lavis4j.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All there is of one kind in one place.
 *
 * @param kind of problem
 * @param where data set and split
 * @param count how many there are
 * @param examples the first few, each with its name; of errors the message that the run ends with
 * @param advice what to do; empty where the examples say it
 */
public record Problem(Kind kind, String where, long count, List<String> examples, String advice) {

    public Problem {
        examples = List.copyOf(examples);
    }

    static Problem of(Kind kind, String where, String message) {
        return new Problem(kind, where, 1, List.of(message), kind.advice());
    }

    /** Whether the run fails. */
    public boolean isError() {
        return kind.level() == Level.ERROR;
    }

    /** In order: level, kind, where, count, examples, advice. */
    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("level", kind.level().name().toLowerCase(Locale.ROOT));
        map.put("kind", kind.key());
        map.put("where", where);
        map.put("count", count);
        map.put("examples", examples);
        map.put("advice", advice);
        return map;
    }
}
