package io.lavis4j.quickstart;

import io.lavis4j.report.Chart;
import io.lavis4j.report.Facts;
import io.lavis4j.report.Figures;
import io.lavis4j.report.Figures.Figure;
import io.lavis4j.report.GroupTable;
import io.lavis4j.report.Html;
import io.lavis4j.report.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the findings of a run: {@code summary.json} and a page that needs nothing else, {@code report.html}. */
public final class QuickstartReport {

    private static final double PERCENT = 100;

    private final QuickstartResults results;
    private final QuickstartSummary summary;

    private QuickstartReport(QuickstartResults results) {
        this.results = results;
        summary = QuickstartSummary.of(results);
    }

    /**
     * Writes both files.
     *
     * @param folder is made where it is missing
     * @throws UncheckedIOException if an image cannot be read or a file not written
     */
    public static void write(Path folder, QuickstartResults results) {
        var report = new QuickstartReport(results);
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("summary.json"), report.summary.json(results).toPrettyString() + "\n");
            Files.writeString(folder.resolve("report.html"), report.page());
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written to %s: %s".formatted(folder, e), e);
        }
    }

    private String page() {
        String body = Html.fill(
                Html.resource(QuickstartReport.class, "report.html"),
                Map.of(
                        "figures", figures().html(),
                        "facts", facts().html(),
                        "curve", losses().html(),
                        "images", new AnswerGallery(results).html(),
                        "scores",
                                GroupTable.of(summary.records(), results.scores())
                                        .html()));
        return Html.page("lavis4j quickstart", Html.resource(QuickstartReport.class, "report.css"), body);
    }

    private Figures figures() {
        return new Figures(List.of(
                new Figure("as drawn", summary.exactMatch(), null, "image, region and record belong together"),
                new Figure(
                        "unseen pairs",
                        summary.exactMatchUnseenPairs(),
                        null,
                        "%.0f %% of the inferences, none of them in a training record"
                                .formatted(PERCENT * summary.unseenPairs())),
                new Figure(
                        "without highlight",
                        summary.exactMatchWithoutHighlight(),
                        null,
                        "the region is not drawn: which object is meant?"),
                new Figure(
                        "images shuffled",
                        summary.exactMatchShuffledImages(),
                        null,
                        "every record with another's image")));
    }

    private Facts facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("validation records", String.valueOf(summary.records()));
        facts.put("distinct inferences", distinct(summary.distinctInferences(), summary.largestInferenceShare()));
        facts.put(
                "distinct inferences generated",
                distinct(summary.distinctGenerated(), summary.largestGeneratedShare()));
        facts.put("training", "%.0f s".formatted(results.trainSeconds()));
        facts.put("seed", String.valueOf(results.seed()));
        return new Facts(facts);
    }

    private static String distinct(int count, double largestShare) {
        return "%d, the most frequent in %.1f %% of the records".formatted(count, PERCENT * largestShare);
    }

    private Chart losses() {
        var points = results.losses().stream()
                .map(loss -> new Series.Point(loss.step(), loss.loss()))
                .toList();
        return new Chart("Training loss", "optimizer step", true, null, List.of(new Series("training loss", points)));
    }
}
