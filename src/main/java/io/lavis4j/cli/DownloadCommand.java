package io.lavis4j.cli;

import io.lavis4j.download.DownloadPlan;
import io.lavis4j.download.Downloader;
import io.lavis4j.download.PublishedDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches data sets. */
@Command(
        name = "download",
        description = {
            "Fetch data sets, each into its place below a folder, which is then data_root of a configuration; the command"
                    + " model fetches weights.",
            "What is there is not fetched again, and what was interrupted goes on. Archives are unpacked. The terms of"
                    + " use are printed, and what a person has to do."
        },
        synopsisSubcommandLabel = "[DATASET... | model]",
        subcommands = DownloadModelCommand.class)
final class DownloadCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..*",
            paramLabel = "DATASET",
            description =
                    "sherlock, vcr, vg, coco or another of the catalog; without one, those that there are, are listed.")
    private List<String> datasets = new ArrayList<>();

    @Option(names = "--root", paramLabel = "DIR", description = "The folder that all of them lie below.")
    private @Nullable Path root;

    @Option(names = "--keep-archives", description = "Keep archives that have been unpacked.")
    private boolean keepArchives;

    @Mixin
    private final DownloadOptions options = new DownloadOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var catalog = options.catalog(console);
        if (datasets.isEmpty()) {
            catalog.datasets()
                    .forEach(dataset -> console.out().println("%-12s %s".formatted(dataset.name(), dataset.title())));
            return 0;
        }
        var place = root;
        if (place == null) {
            throw console.wrong("expected --root DIR, the folder that the data lie below");
        }
        var known = catalog.datasets().stream().map(PublishedDataset::name).toList();
        for (String name : datasets) {
            console.require(known.contains(name), "DATASET", name, "one of " + known);
            var dataset = catalog.dataset(name);
            console.out().println("%s: %s".formatted(name, dataset.title()));
            console.out().println("  terms of use: " + dataset.terms());
            var others = dataset.images().stream()
                    .filter(other -> !datasets.contains(other))
                    .toList();
            if (!others.isEmpty()) {
                console.out().println("  its images: download %s --root %s".formatted(String.join(" ", others), place));
            }
        }
        return options.run(console, null, downloader -> plans(downloader, place));
    }

    private List<DownloadPlan> plans(Downloader downloader, Path place) {
        return datasets.stream()
                .map(name -> downloader.dataset(name, place, keepArchives))
                .toList();
    }
}
