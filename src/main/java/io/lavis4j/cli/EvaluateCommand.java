package io.lavis4j.cli;

import io.lavis4j.io.JsonText;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Evaluates. */
@Command(
        name = "evaluate",
        description = {
            "Score the test splits of a configuration, or its validation splits where there are none.",
            "Prints the scores as JSON, and adds them to evaluate.txt of the run (or of a new one)."
        })
final class EvaluateCommand implements Callable<Integer> {

    private static final int LOG_FREQ = 10;

    @Mixin
    private final WeightsOptions model = new WeightsOptions();

    @Mixin
    private final ProfileOptions profile = new ProfileOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var steps = profile.steps(console);
        var run = model.run();
        var config = JobConfig.forEvaluation(model.configuration(run));
        var weights = model.weights(run, console);
        return Together.run(config.run(), console, processes -> {
            try (var trace = profile.open(steps, processes, console);
                    var job = Job.open(config, weights, processes);
                    var runner = job.runner(Terminal.listener(processes, LOG_FREQ))) {
                var directory = run == null ? job.newDirectory() : run;
                var scores = runner.evaluate(directory, config.splitsToEvaluate(), label(weights));
                if (processes.isFirst()) {
                    console.out().println(JsonText.of(scores));
                }
                return 0;
            }
        });
    }

    /** The name that the result files are called after: {@code best}, an epoch, or the name of the file. */
    private static String label(@Nullable Path weights) {
        return weights == null
                ? "0"
                : weights.getFileName()
                        .toString()
                        .replaceFirst("^checkpoint_", "")
                        .replaceFirst("\\.[a-z]+$", "");
    }
}
