package io.lavis4j.cli;

import io.lavis4j.quickstart.FineTuning;
import io.lavis4j.quickstart.Quickstart;
import io.lavis4j.quickstart.QuickstartCorpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job on built-in data. */
@Command(
        name = "quickstart",
        description = {
            "Draw a corpus in the layout of Sherlock, fine-tune a small BLIP-2 on it, evaluate it, and write a report.",
            "Needs no download and a few minutes on two cores."
        })
final class QuickstartCommand implements Callable<Integer> {

    private static final int LOG_FREQ = 20;

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            defaultValue = "output/quickstart",
            description = "Gets corpus, run, summary.json and report.html (default: ${DEFAULT-VALUE}).")
    private Path outputDir = Path.of("output", "quickstart");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Of corpus and training (default: ${DEFAULT-VALUE}).")
    private int seed;

    @Option(
            names = "--options",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings over those of configs/finetune/quickstart.yaml.")
    private List<String> options = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var all = new ArrayList<String>();
        all.add("run.seed=" + seed);
        all.addAll(options);
        var fineTuning = new FineTuning(outputDir.resolve("run"), all, Terminal.listener(LOG_FREQ));
        new Quickstart(QuickstartCorpus.ofSeed(seed), outputDir).run(fineTuning);
        var out = Output.of(spec);
        out.println(outputDir.resolve("summary.json"));
        out.println(outputDir.resolve("report.html"));
        return 0;
    }
}
