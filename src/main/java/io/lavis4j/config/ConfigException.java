package io.lavis4j.config;

import java.util.List;

/** A configuration that cannot be used; the message lists every problem found, one a line. */
public final class ConfigException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    /** @param problems each names the key, the value found and what is expected; at least one */
    public ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    ConfigException(String problem) {
        this(List.of(problem));
    }

    /** The problems in the order in which they were found. */
    public List<String> problems() {
        return problems;
    }
}
