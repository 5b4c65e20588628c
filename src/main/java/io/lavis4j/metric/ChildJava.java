package io.lavis4j.metric;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How Java programs of the user's are run, each in a process of its own.
 *
 * @param java the executable
 * @param options of the virtual machine, after and over those that a program needs
 * @param timeout the longest wait: of METEOR for one answer, of SPICE for all
 */
public record ChildJava(Path java, List<String> options, Duration timeout) {

    public ChildJava {
        options = List.copyOf(options);
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("expected a timeout above 0, got " + timeout);
        }
    }

    /** This program's Java, else the one on the path; an hour. */
    public static ChildJava defaults() {
        var own = Path.of(System.getProperty("java.home", ""), "bin", "java");
        return new ChildJava(Files.isExecutable(own) ? own : Path.of("java"), List.of(), Duration.ofHours(1));
    }

    /** With another timeout. */
    public ChildJava withTimeout(Duration longest) {
        return new ChildJava(java, options, longest);
    }
}
