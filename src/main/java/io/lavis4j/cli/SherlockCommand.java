package io.lavis4j.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sherlock's official tasks. */
@Command(
        name = "sherlock",
        description = "The official tasks of Sherlock: retrieval, localization and comparison.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SherlockScoreCommand.class, SherlockSubmitCommand.class, SherlockValidateCommand.class})
final class SherlockCommand implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "expected score, submit or validate");
        }
    }
}
