package io.lavis4j.cli;

import io.lavis4j.dataset.sherlock.SherlockGroups;
import io.lavis4j.io.Listing;
import io.lavis4j.metric.CaptionFile;
import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.CaptionScores;
import io.lavis4j.metric.ChildJava;
import io.lavis4j.metric.SpiceJar;
import io.lavis4j.metric.meteor.Meteor;
import io.lavis4j.metric.meteor.MeteorJar;
import io.lavis4j.metric.meteor.MeteorVariant;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Options of {@code score} that are about captions, and their scoring. */
final class CaptionScoring {

    @Option(
            names = "--metrics",
            split = ",",
            paramLabel = "NAME",
            description = "Captions: show only these of Bleu_1 to Bleu_4, ROUGE_L, CIDEr, METEOR, SPICE.")
    private List<String> metrics = new ArrayList<>();

    @Option(
            names = "--meteor-data",
            paramLabel = "PATH",
            description = "Captions: METEOR too, with the word lists and tables of this meteor-1.5.jar or folder.")
    private @Nullable Path meteorData;

    @Option(
            names = "--meteor-jar",
            paramLabel = "FILE",
            description = "Captions: METEOR too, by running this meteor-1.5.jar.")
    private @Nullable Path meteorJar;

    @Option(
            names = "--spice-jar",
            paramLabel = "FILE",
            description = "Captions: SPICE too, by running this spice-1.0.jar.")
    private @Nullable Path spiceJar;

    @Option(
            names = "--spice-class-path",
            paramLabel = "PATH",
            description = "Class path of SPICE besides lib beside its jar: CoreNLP 3.6.0 with models, Nashorn.")
    private String spiceClassPath = "";

    @Option(
            names = "--child-timeout",
            paramLabel = "SECONDS",
            description = "Longest wait for METEOR's next answer and for SPICE (default: ${DEFAULT-VALUE}).")
    private long childTimeout = 3600;

    @Option(names = "--id-key", paramLabel = "KEY", description = "Captions: key of ids (default: ${DEFAULT-VALUE}).")
    private String idKey = "image_id";

    @Option(
            names = "--caption-key",
            paramLabel = "KEY",
            description = "Captions: key of captions (default: ${DEFAULT-VALUE}).")
    private String captionKey = "caption";

    @Option(
            names = "--breakdown",
            split = ",",
            paramLabel = "KEY",
            description = "With Sherlock's annotations: scores by ${COMPLETION-CANDIDATES}.")
    private List<SherlockGroups> breakdown = new ArrayList<>();

    List<String> metrics() {
        return metrics;
    }

    References references(Path groundTruth) {
        var references = References.read(groundTruth, idKey, captionKey);
        if (!breakdown.isEmpty() && references.groups().isEmpty()) {
            throw new IllegalArgumentException(
                    "--breakdown needs Sherlock's annotations, a list of records with instance_id and targets; %s is"
                                    .formatted(groundTruth)
                            + " another kind of file");
        }
        return references;
    }

    /** Group by id, for everything to break down by. */
    Map<String, Map<String, String>> groups(References references) {
        var groups = new LinkedHashMap<String, Map<String, String>>();
        breakdown.forEach(by -> groups.put(by.key(), references.groups().getOrDefault(by, Map.of())));
        return groups;
    }

    CaptionScores score(Path results, References references) {
        var captions = CaptionFile.read(results, idKey, captionKey);
        if (!captions.repeated().isEmpty()) {
            LoggerFactory.getLogger(CaptionScoring.class)
                    .warn( // only now: setting up a log takes time
                            "{}: {} ids have several results, the first counts: {}",
                            results,
                            captions.repeated().size(),
                            Listing.ofIds(captions.repeated()));
        }
        var items = CaptionItem.join(captions.hypotheses(), references.texts());
        var tokenised = CaptionMetrics.tokenize(items);
        var scores = CaptionMetrics.score(tokenised);
        var java = ChildJava.defaults().withTimeout(Duration.ofSeconds(childTimeout));
        if (meteorData != null) {
            scores = Meteor.open(meteorData, MeteorVariant.FULL).addTo(scores, tokenised);
        } else if (meteorJar != null) {
            scores = new MeteorJar(meteorJar, java).addTo(scores, tokenised);
        }
        if (spiceJar != null) {
            var entries = spiceClassPath.isEmpty()
                    ? List.<String>of()
                    : List.of(spiceClassPath.split(Pattern.quote(File.pathSeparator), -1));
            scores = new SpiceJar(spiceJar, entries, java).addTo(scores, tokenised);
        }
        return scores;
    }

    /** The first option that only captions have and that is given, or an empty text. */
    String firstGiven() {
        return !metrics.isEmpty()
                ? "--metrics"
                : meteorData != null
                        ? "--meteor-data"
                        : meteorJar != null
                                ? "--meteor-jar"
                                : spiceJar != null ? "--spice-jar" : breakdown.isEmpty() ? "" : "--breakdown";
    }

    /** Whether the options can be as they are, before any work. */
    void check(Console console) {
        if (meteorData != null && meteorJar != null) {
            throw console.wrong("--meteor-data and --meteor-jar: expected one of them");
        }
        console.require(childTimeout >= 1, "--child-timeout", childTimeout, "1 second or more");
        console.requireThere("--meteor-data", meteorData);
        console.requireThere("--meteor-jar", meteorJar);
        console.requireThere("--spice-jar", spiceJar);
    }
}
