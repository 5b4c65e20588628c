package io.lavis4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Data before a run. */
@Command(
        name = "data",
        description = "Data before a run: what is there, and whether it can be used.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = DataCheckCommand.class)
final class DataCommand implements Runnable {

    @Mixin
    private final Console console = new Console();

    @Override
    public void run() {
        throw console.wrong("expected check");
    }
}
