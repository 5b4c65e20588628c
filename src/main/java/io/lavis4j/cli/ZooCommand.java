package io.lavis4j.cli;

import io.lavis4j.zoo.ModelZoo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the published models. */
@Command(name = "zoo", description = "List the published models: architectures and their types.")
final class ZooCommand implements Callable<Integer> {

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.out().println(new ModelZoo());
        return 0;
    }
}
