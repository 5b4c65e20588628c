package io.lavis4j.cli;

import io.lavis4j.report.ReportOptions;
import io.lavis4j.report.RunReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A run as a page. */
@Command(
        name = "report",
        description = {
            "Write one HTML page about a run: curves, scores with intervals, images with generated and true texts.",
            "It can be viewed without a network. Prints its path."
        })
final class ReportCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "DIR",
            description = "The directory of a run (with log.txt), or its parent, and then the newest run in it.")
    private Path directory = Path.of("");

    @Option(names = "--output", paramLabel = "FILE", description = "The page (default: DIR/report.html).")
    private @Nullable Path output;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "Whose items are shown (default: the validation split).")
    private @Nullable String split;

    @Option(
            names = "--epoch",
            paramLabel = "N",
            description = "Whose items are shown: a number, or the name in result/ (default: ${DEFAULT-VALUE}).")
    private String epoch = ReportOptions.BEST;

    @Option(
            names = "--rank-by",
            paramLabel = "SCORE",
            description = "Score that best and worst are chosen by (default: ${DEFAULT-VALUE}).")
    private String rankBy = "CIDEr";

    @Option(names = "--count", paramLabel = "N", description = "Images of each kind (default: ${DEFAULT-VALUE}).")
    private int count = 8;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the random images and the bootstrap (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            description = "Resamples for the intervals, 0 for none (default: ${DEFAULT-VALUE}).")
    private int bootstrap = 1000;

    @Option(
            names = "--data-root",
            paramLabel = "DIR",
            description = "Folder that annotations and images lie below now, if not the run's data_root.")
    private @Nullable Path dataRoot;

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.require(
                count >= 0 && count <= ReportOptions.MAX_IMAGES,
                "--count",
                count,
                "0 to %d images of a kind".formatted(ReportOptions.MAX_IMAGES));
        console.require(bootstrap >= 0, "--bootstrap", bootstrap, "0 or more resamples");
        console.requireThere("--data-root", dataRoot);
        var run = RunReport.open(directory);
        var file = output == null ? run.path().resolve(RunReport.FILE) : output;
        RunReport.write(run, file, new ReportOptions(split, epoch, rankBy, count, seed, bootstrap, dataRoot));
        console.out().println(file);
        return 0;
    }
}
