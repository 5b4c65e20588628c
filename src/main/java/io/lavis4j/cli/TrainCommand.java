package io.lavis4j.cli;

import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains. */
@Command(
        name = "train",
        description = {
            "Train, validate and test as a configuration says.",
            "Prints the directory of the run, which holds log.txt, evaluate.txt, checkpoints and results."
        })
final class TrainCommand implements Callable<Integer> {

    @Option(
            names = "--cfg-path",
            required = true,
            paramLabel = "FILE",
            description = "A configuration, or the name of one that is shipped: finetune/caption_sherlock.yaml.")
    private String cfgPath = "";

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var config = JobConfig.read(options.load(cfgPath));
        return Together.run(config.run(), console, processes -> {
            try (var job = Job.open(config, null, processes)) {
                var directory =
                        job.train(Terminal.listener(config.run().frequencies().logFreq()));
                if (processes.isFirst()) {
                    console.out().println(directory.path());
                }
                return 0;
            }
        });
    }
}
