package io.lavis4j.cli;

import io.lavis4j.metric.Bootstrap;
import io.lavis4j.metric.Breakdown;
import io.lavis4j.metric.Comparison;
import io.lavis4j.metric.CorpusScores;
import io.lavis4j.metric.vqa.VqaAccuracy;
import io.lavis4j.metric.vqa.VqaFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores captions or answers that are there already. */
@Command(
        name = "score",
        description = {
            "Score captions against references (BLEU, ROUGE-L, CIDEr, METEOR, SPICE with the numbers of the COCO caption"
                    + " evaluation), or answers to questions (VQA, OK-VQA, A-OKVQA, GQA accuracy).",
            "Captions: JSON in COCO's or LAVIS's forms, JSON lines, CSV, TSV; references also Sherlock's annotations."
                    + " Answers: JSON of each data set.",
            "Ids may be numbers or texts; 7 and \"7\" are the same. Every id needs a result, and every result a known id;"
                    + " others are named. Of several results of an id the first caption counts, the last answer. Captions"
                    + " may be empty. Line breaks in captions are blanks. Files are UTF-8, or UTF-16 with a byte-order"
                    + " mark; anything else is refused."
        })
final class ScoreCommand implements Callable<Integer> {

    private static final int USUAL_RESAMPLES = 1000;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ScoreTask task = ScoreTask.CAPTION;

    @Option(
            names = "--gt",
            required = true,
            paramLabel = "FILE",
            description = "References, or annotations with answers.")
    private Path groundTruth = Path.of("");

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "Answers: the questions, to check the ids of --gt.")
    private @Nullable Path questions;

    @Option(names = "--results", required = true, paramLabel = "FILE", description = "Captions or answers to score.")
    private Path results = Path.of("");

    @Option(names = "--bootstrap", paramLabel = "N", description = "95 %% intervals from N resamples; 1000 are usual.")
    private int resamples;

    @Option(
            names = "--compare",
            paramLabel = "FILE",
            description =
                    "Other results for the same ids: differences with 95 %% intervals (paired bootstrap) and p-values"
                            + " (approximate randomisation, two-sided), from N of --bootstrap, else 1000, resamples.")
    private @Nullable Path other;

    @Option(names = "--seed", paramLabel = "SEED", description = "Of the resampling (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--per-item",
            paramLabel = "FILE",
            description = "Gets the scores of each id, one JSON object a line.")
    private @Nullable Path perItem;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private CaptionScoring captions = new CaptionScoring();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        check();
        var accuracy = task.accuracy();
        var report = accuracy == null ? captions() : answers(accuracy);
        if (perItem != null) {
            report.writeItems(perItem);
        }
        var out = console.out();
        if (json) {
            out.println(report.json());
        } else {
            report.table().forEach(out::println);
        }
        return 0;
    }

    private void check() {
        console.require(resamples >= 0, "--bootstrap", resamples, "1 or more");
        captions.check(console);
        if (task == ScoreTask.CAPTION && questions != null) {
            throw console.wrong("--questions is for answers; expected --task vqa, okvqa, aokvqa or gqa with it");
        }
        if (task != ScoreTask.CAPTION && !captions.firstGiven().isEmpty()) {
            throw console.wrong(
                    "%s is for captions; expected none with --task %s".formatted(captions.firstGiven(), task));
        }
        console.requireThere("--gt", groundTruth);
        console.requireThere("--questions", questions);
        console.requireThere("--results", results);
        console.requireThere("--compare", other);
        if (perItem != null) {
            console.requireThere("--per-item: folder", perItem.toAbsolutePath().getParent());
        }
    }

    private ScoreReport captions() {
        var references = captions.references(groundTruth);
        return report(file -> captions.score(file, references), captions.metrics(), captions.groups(references));
    }

    private ScoreReport answers(VqaAccuracy accuracy) {
        return report(file -> accuracy.score(VqaFiles.read(groundTruth, questions, file)), List.of(), Map.of());
    }

    private ScoreReport report(
            Function<Path, CorpusScores> scoring, List<String> metrics, Map<String, Map<String, String>> groups) {
        var scores = scoring.apply(results);
        var all = List.copyOf(scores.corpus().keySet());
        for (String name : metrics) {
            if (!all.contains(name)) {
                throw console.wrong("--metrics %s: expected some of %s".formatted(name, all));
            }
        }
        var bootstrap = new Bootstrap(resamples == 0 ? USUAL_RESAMPLES : resamples, seed);
        Map<String, Comparison> comparisons =
                other == null ? Map.of() : bootstrap.compare(scores, scoring.apply(other));
        var breakdowns = new LinkedHashMap<String, Breakdown>();
        groups.forEach((by, group) ->
                breakdowns.put(by, Breakdown.by(scores, id -> group.getOrDefault(id, "unknown"))));
        return new ScoreReport(
                scores,
                metrics.isEmpty() ? all : all.stream().filter(metrics::contains).toList(),
                resamples == 0 ? Map.of() : bootstrap.intervals(scores),
                comparisons,
                breakdowns);
    }
}
