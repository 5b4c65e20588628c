package io.lavis4j.cli;

import io.lavis4j.distributed.Processes;
import io.lavis4j.runner.RunConfig;
import java.util.function.ToIntFunction;

/** A command that several processes run together, as many as the environment says. */
final class Together {

    private Together() {}

    /**
     * Joins the others, does this process's part and leaves. If it fails, the others are told, and end; if another is
     * lost or fails, this one ends at once, as it may be waiting for that one for ever.
     *
     * @param part the command's; its exit status is returned
     */
    static int run(RunConfig run, Console console, ToIntFunction<Processes> part) {
        try (var processes =
                Processes.join(run.group(), run.device(), System::getenv, reason -> end(console, reason))) {
            try {
                return part.applyAsInt(processes);
            } catch (RuntimeException | Error e) {
                processes.fail(Main.message(e));
                throw e;
            }
        }
    }

    private static void end(Console console, String reason) {
        console.err().println("error: " + reason);
        Runtime.getRuntime().halt(Main.LOST);
    }
}
