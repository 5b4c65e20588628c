package io.lavis4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.metric.CaptionFile;
import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.CaptionScores;
import io.lavis4j.metric.Meteor;
import io.lavis4j.metric.MeteorVariant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Scores captions that are there already. */
@Command(
        name = "score",
        description = {
            "Score captions against references: BLEU, ROUGE-L and CIDEr with the numbers of the COCO caption evaluation.",
            "Files are JSON in COCO's or LAVIS's forms, JSON lines, CSV or TSV. Each id needs exactly one result; of several"
                    + " the first counts."
        })
final class ScoreCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(ScoreCommand.class);

    @Option(names = "--gt", required = true, paramLabel = "FILE", description = "References.")
    private Path groundTruth = Path.of("");

    @Option(names = "--results", required = true, paramLabel = "FILE", description = "Captions to score.")
    private Path results = Path.of("");

    @Option(
            names = "--metrics",
            split = ",",
            paramLabel = "NAME",
            description = "Only these: Bleu_1 to Bleu_4, ROUGE_L, CIDEr, METEOR (with --meteor-data).")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--meteor-data",
            paramLabel = "PATH",
            description = "METEOR too, with the word lists and tables of this meteor-1.5.jar or folder.")
    private @Nullable Path meteorData;

    @Option(
            names = "--per-item",
            paramLabel = "FILE",
            description = "Gets the scores of each id, one JSON object a line.")
    private @Nullable Path perItem;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--id-key",
            paramLabel = "KEY",
            defaultValue = "image_id",
            description = "Key of ids (${DEFAULT-VALUE}).")
    private String idKey = "image_id";

    @Option(
            names = "--caption-key",
            paramLabel = "KEY",
            defaultValue = "caption",
            description = "Key of captions (${DEFAULT-VALUE}).")
    private String captionKey = "caption";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        var references = CaptionFile.read(groundTruth, idKey, captionKey);
        var captions = CaptionFile.read(results, idKey, captionKey);
        if (!captions.repeated().isEmpty()) {
            LOG.warn(
                    "{}: {} ids have several results, the first counts; the first such id is {}",
                    results,
                    captions.repeated().size(),
                    captions.repeated().get(0));
        }
        var items = CaptionItem.join(captions.hypotheses(), references.references());
        var tokenised = CaptionMetrics.tokenize(items);
        var scores = CaptionMetrics.score(tokenised);
        if (meteorData != null) {
            scores = Meteor.open(meteorData, MeteorVariant.FULL).addTo(scores, tokenised);
        }
        var chosen = chosen(scores);
        if (perItem != null) {
            write(perItem, scores, chosen);
        }
        var out = Output.of(spec);
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(chosen));
        } else {
            chosen.forEach((name, score) -> out.println(String.format(Locale.ROOT, "%-8s %.4f", name, score)));
        }
        return 0;
    }

    private Map<String, Double> chosen(CaptionScores scores) {
        var all = scores.corpus();
        for (String name : metrics) {
            if (!all.containsKey(name) && spec != null) {
                throw new ParameterException(
                        spec.commandLine(), "--metrics %s: expected some of %s".formatted(name, all.keySet()));
            }
        }
        var chosen = new LinkedHashMap<>(all);
        if (!metrics.isEmpty()) {
            chosen.keySet().retainAll(metrics);
        }
        return chosen;
    }

    private static void write(Path file, CaptionScores scores, Map<String, Double> chosen)
            throws JsonProcessingException {
        var lines = new ArrayList<String>();
        for (int i = 0; i < scores.ids().size(); i++) {
            var line = new LinkedHashMap<String, Object>();
            line.put("id", scores.ids().get(i));
            var item = scores.item(i);
            chosen.keySet().forEach(name -> line.put(name, item.getOrDefault(name, Double.NaN)));
            lines.add(new ObjectMapper().writeValueAsString(line));
        }
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written (%s)".formatted(file, e), e);
        }
    }
}
