package io.lavis4j.doctor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One fact about a machine or a job.
 *
 * @param level whether it is as it should be
 * @param what it is about, in a word or two
 * @param value as found
 * @param advice on what to do; empty if there is nothing to do
 */
public record Finding(Level level, String what, String value, String advice) {

    /** How a fact is. */
    public enum Level {
        /** As it should be. */
        OK("ok"),
        /** To be known: slower or less than possible, and hardly meant. */
        NOTE("note"),
        /** Training or captioning fails. */
        FAULT("FAULT");

        private final String word;

        Level(String word) {
            this.word = word;
        }
    }

    static Finding ok(String what, String value) {
        return new Finding(Level.OK, what, value, "");
    }

    static Finding note(String what, String value, String advice) {
        return new Finding(Level.NOTE, what, value, advice);
    }

    static Finding fault(String what, String value, String advice) {
        return new Finding(Level.FAULT, what, value, advice);
    }

    /** Whether training or captioning fails. */
    public boolean isFault() {
        return level == Level.FAULT;
    }

    /** In order: level, what, value, advice. */
    public Map<String, String> asMap() {
        var map = new LinkedHashMap<String, String>();
        map.put("level", level.word);
        map.put("what", what);
        map.put("value", value);
        map.put("advice", advice);
        return map;
    }

    /** One line: {@code FAULT what: value — advice}. */
    @Override
    public String toString() {
        String line = "%-5s  %s: %s%s".formatted(level.word, what, value, advice.isEmpty() ? "" : " — " + advice);
        return line.replaceAll("\\s*\\R\\s*", " ");
    }
}
