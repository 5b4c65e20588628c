package io.lavis4j.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The terminal of the command that this is mixed into. */
@Command
final class Console {

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** Standard output, for results only. */
    PrintWriter out() {
        return commandLine().getOut();
    }

    /** Standard error. */
    PrintWriter err() {
        return commandLine().getErr();
    }

    /** An error of whoever gave the command; its usage is shown. */
    ParameterException wrong(String message) {
        return new ParameterException(commandLine(), message);
    }

    /**
     * An option's value as it must be.
     *
     * @param expected follows "expected"
     */
    void require(boolean holds, String option, Object found, String expected) {
        if (!holds) {
            throw wrong("%s %s: expected %s".formatted(option, found, expected));
        }
    }

    /** A file or folder to be read, which an option names, if it is given; it must be there. */
    void requireThere(String option, @Nullable Path path) {
        if (path != null && !Files.exists(path)) {
            throw wrong("%s %s: there is no such file or folder".formatted(option, path));
        }
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(command).commandLine();
    }
}
