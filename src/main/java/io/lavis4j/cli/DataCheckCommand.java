package io.lavis4j.cli;

import io.lavis4j.check.CheckOptions;
import io.lavis4j.check.CheckReport;
import io.lavis4j.check.DataCheck;
import io.lavis4j.check.RootCheck;
import io.lavis4j.download.Catalog;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks data. */
@Command(
        name = "check",
        description = {
            "Look at the data of a configuration as its run would: annotations, every image, regions, texts; or at a data"
                    + " root by the catalog of downloads.",
            "Errors are what the run would fail of, and make the exit status 1; warnings it goes on with."
        })
final class DataCheckCommand implements Callable<Integer> {

    /** One of the two must be given. */
    static final class Subject {

        @Option(
                names = "--cfg-path",
                required = true,
                paramLabel = "FILE",
                description = "A configuration, or the name of one that is shipped: finetune/caption_sherlock.yaml.")
        private @Nullable String cfgPath;

        @Option(
                names = "--root",
                required = true,
                paramLabel = "DIR",
                description = "A data root: what is there of the data sets that download knows.")
        private @Nullable Path root;
    }

    @ArgGroup(multiplicity = "1")
    private Subject subject = new Subject();

    @Parameters(
            arity = "0..*",
            paramLabel = "DATASET",
            description =
                    "With --root, the data sets to look at, by the names of download (default: those of which anything"
                            + " is there, or else sherlock, and the images that they are about).")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--quick",
            description = "Look at the headers of images alone: finds neither damaged pixels nor equal images.")
    private boolean quick;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that read images (default: all cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--catalog",
            paramLabel = "FILE",
            description = "Further data sets that download knows, or other places of them; may be given several times.")
    private List<Path> catalogs = new ArrayList<>();

    @Option(
            names = "--json",
            description = "One JSON object: sound, layout, splits, problems; src/site/markdown/data.md has the fields.")
    private boolean json;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.require(threads >= 1, "--threads", threads, "a number of at least 1");
        var root = subject.root;
        if (root != null) {
            console.requireThere("--root", root);
            console.require(Files.isDirectory(root), "--root", root, "a folder");
        }
        var report = report();
        if (json) {
            console.out().println(report.json());
        } else {
            new CheckText(report).lines().forEach(console.out()::println);
        }
        return report.isSound() ? 0 : Main.FAILED;
    }

    private CheckReport report() {
        var catalog = Catalog.shipped();
        for (var file : catalogs) {
            console.requireThere("--catalog", file);
            catalog = catalog.with(file);
        }
        try (var progress = new ProgressDisplay("records")) {
            var how = new CheckOptions(quick, threads, progress::progress);
            var root = subject.root;
            if (root != null) {
                console.require(
                        options.isEmpty(), "--options", "with --root", "--cfg-path FILE, whose settings these are");
                return rootCheck(root, catalog).run(how);
            }
            console.require(
                    names.isEmpty(), String.join(" ", names), "with --cfg-path", "--root DIR, below which these lie");
            var config = JobConfig.read(options.load(String.valueOf(subject.cfgPath)));
            return new DataCheck(config, WeightFiles.in(List.of()), catalog).run(how);
        }
    }

    private RootCheck rootCheck(Path root, Catalog catalog) {
        try {
            return new RootCheck(root, catalog, names);
        } catch (IllegalArgumentException e) {
            throw console.wrong(String.valueOf(e.getMessage()));
        }
    }
}
