package io.lavis4j.cli;

import io.lavis4j.zoo.ModelZoo;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the published models. */
@Command(name = "zoo", description = "List the published models: architectures and their types.")
final class ZooCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Output.of(spec).println(new ModelZoo());
        return 0;
    }
}
