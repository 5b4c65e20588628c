package io.lavis4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sherlock's official tasks. */
@Command(
        name = "sherlock",
        description = "The official tasks of Sherlock: retrieval, localization and comparison.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SherlockScoreCommand.class, SherlockSubmitCommand.class, SherlockValidateCommand.class})
final class SherlockCommand implements Runnable {

    @Mixin
    private final Console console = new Console();

    @Override
    public void run() {
        throw console.wrong("expected score, submit or validate");
    }
}
