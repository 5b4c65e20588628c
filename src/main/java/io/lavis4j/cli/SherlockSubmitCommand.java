package io.lavis4j.cli;

import io.lavis4j.dataset.sherlock.SherlockConfig;
import io.lavis4j.metric.sherlock.Submission;
import io.lavis4j.metric.sherlock.TaskFiles;
import io.lavis4j.model.TextScorer;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.sherlock.SherlockScorer;
import io.lavis4j.task.sherlock.SherlockSubmission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a submission with a model. */
@Command(
        name = "submit",
        description = {
            "Score instance files with a model and write the zip file that the leaderboard takes.",
            "The score of an inference is the mean log-likelihood of its tokens, given the image with its marked region"
                    + " and the prompt of training. Each region is looked at once for all its inferences.",
            "Nothing is sent anywhere. The zip file is written when all instances are scored."
        })
final class SherlockSubmitCommand implements Callable<Integer> {

    private static final int LOG_FREQ = 100;

    @Mixin
    private final WeightsOptions model = new WeightsOptions();

    @Option(
            names = "--instances",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Instance files by their published names, test_comparison_instances.json and so on, or folders"
                            + " of them.")
    private List<Path> instances = new ArrayList<>();

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "Folder with vcr1images and vg/images (default: where the configuration has them).")
    private List<Path> images = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Folder that gets " + Submission.FILE + " (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of(".");

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Inferences that go through the language model at once (default: ${DEFAULT-VALUE}).")
    private int batchSize = 64;

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        instances.forEach(path -> console.requireThere("--instances", path));
        images.forEach(folder -> console.requireThere("--images", folder));
        console.require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
        console.require(Files.isDirectory(output), "--output", output, "a folder that is there");
        var files = TaskFiles.INSTANCES.find(instances);
        if (files.isEmpty()) {
            throw console.wrong(
                    "--instances %s: no instance file there; expected names like test_comparison_instances.json"
                            .formatted(instances));
        }
        var run = model.run();
        var config = JobConfig.forEvaluation(model.configuration(run));
        var weights = model.weights(run, console);
        var zip = output.resolve(Submission.FILE);
        try (var job = Job.withoutData(config, weights)) {
            var scorer = SherlockScorer.of(
                    job.model().as(TextScorer.class),
                    batchSize,
                    config.processors(),
                    config.data().first(SherlockConfig.class, "one with annotations of Sherlock"),
                    images);
            SherlockSubmission.write(scorer, files, zip, Terminal.listener(LOG_FREQ));
        }
        console.out().println(zip);
        return 0;
    }
}
