package io.lavis4j.cli;

import io.lavis4j.quickstart.FineTuning;
import io.lavis4j.quickstart.Quickstart;
import io.lavis4j.quickstart.QuickstartCorpus;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
            description = "Gets corpus, run, summary.json and report.html (default: ${DEFAULT-VALUE}).")
    private Path outputDir = Path.of("output", "quickstart");

    @Option(names = "--seed", paramLabel = "N", description = "Of corpus and training (default: ${DEFAULT-VALUE}).")
    private int seed = 42;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description = "fp32, or fp16 or bf16 for mixed precision in training (default: ${DEFAULT-VALUE}).")
    private String precision = "fp32";

    @Option(
            names = "--options",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings over those of configs/finetune/quickstart.yaml.")
    private List<String> options = new ArrayList<>();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var all = new ArrayList<String>();
        all.add("run.seed=" + seed);
        if (Precision.of(precision) != Precision.FP32) {
            all.add("run.amp=True");
            all.add("run.amp_dtype=" + precision);
        }
        all.addAll(options);
        var fineTuning = new FineTuning(outputDir.resolve("run"), all, Terminal.listener(LOG_FREQ));
        new Quickstart(QuickstartCorpus.ofSeed(seed), outputDir).run(fineTuning);
        var out = console.out();
        out.println(outputDir.resolve("summary.json"));
        out.println(outputDir.resolve("report.html"));
        return 0;
    }
}
