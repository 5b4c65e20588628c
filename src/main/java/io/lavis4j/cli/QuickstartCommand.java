package io.lavis4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** placeholder */
@Command(name = "quickstart")
final class QuickstartCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
