package io.lavis4j.cli;

import io.lavis4j.distributed.Processes;
import io.lavis4j.tensor.Trace;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code --profile} of a command that has steps. */
final class ProfileOptions {

    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

    @Mixin
    private final ProfileFile file = new ProfileFile();

    @Option(
            names = "--profile-steps",
            paramLabel = "FROM-TO",
            description = "The steps to profile, of those that this process makes (default: ${DEFAULT-VALUE}).")
    private String steps = "3-22";

    /** The steps that are asked for, where that is a range. */
    Trace.Steps steps(Console console) {
        var range = RANGE.matcher(steps);
        boolean matches = range.matches();
        long first = matches ? Long.parseLong(range.group(1)) : 0;
        long last = matches ? Long.parseLong(range.group(2)) : 0;
        console.require(1 <= first && first <= last, "--profile-steps", steps, "FROM-TO, counted from 1, as 3-22");
        return new Trace.Steps(first, last);
    }

    /** The trace of the first process, to be closed by the caller; {@code null} in others or if none is asked for. */
    @Nullable
    Trace open(Trace.Steps kept, Processes processes, Console console) {
        return processes.isFirst() ? file.open(kept, console) : null;
    }
}
