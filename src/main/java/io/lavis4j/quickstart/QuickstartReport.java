package io.lavis4j.quickstart;

import io.lavis4j.report.Chart;
import io.lavis4j.report.Html;
import io.lavis4j.report.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes what a run has found: {@code summary.json} and a page that needs nothing else, {@code report.html}. */
public final class QuickstartReport {

    private static final int SHOWN = 36;
    private static final int WRONG_SHOWN = 12;

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
        String body = """
                <h1>lavis4j quickstart</h1>
                <p class="quiet">A small BLIP-2 with a frozen language model, fine-tuned on drawn images in Sherlock's
                format: seed %d, %.0f s of training, %d validation records.</p>
                <h2>Exact match on the validation split</h2>
                <div class="figures">%s</div>
                <h2>Training</h2>
                %s
                <h2>Scores</h2>
                <div class="panel">%s</div>
                <h2>Validation images</h2>
                <p class="quiet">%s</p>
                <div class="cards">%s</div>""".formatted(
                        results.seed(),
                        results.trainSeconds(),
                        summary.records(),
                        figures(),
                        losses().html(),
                        scores(),
                        selection(),
                        shown().stream().map(new AnswerCard(results)::html).collect(Collectors.joining("\n")));
        return Html.page("lavis4j quickstart", Html.resource(QuickstartReport.class, "report.css"), body);
    }

    private Chart losses() {
        var points = results.losses().stream()
                .map(loss -> new Series.Point(loss.step(), loss.loss()))
                .toList();
        return new Chart("Training loss", "optimizer step", true, null, List.of(new Series("training loss", points)));
    }

    private String figures() {
        return Stream.of(
                        figure("as drawn", summary.exactMatch(), "image, region and record belong together"),
                        figure(
                                "unseen pairs",
                                summary.exactMatchUnseenPairs(),
                                "%.0f %% of the inferences, none of them in a training record"
                                        .formatted(100 * summary.unseenPairs())),
                        figure(
                                "without highlight",
                                summary.exactMatchWithoutHighlight(),
                                "the region is not drawn: which object is meant?"),
                        figure(
                                "images shuffled",
                                summary.exactMatchShuffledImages(),
                                "every record with another's image"))
                .collect(Collectors.joining("\n"));
    }

    private static String figure(String name, double share, String meaning) {
        return """
                <div class="panel"><div>%s</div><div class="value">%s</div>
                <div class="bar"><div style="width:%.1f%%"></div></div><p class="quiet">%s</p></div>""".formatted(name, number(share), Double.isNaN(share) ? 0 : 100 * share, meaning);
    }

    private String scores() {
        var rows = new ArrayList<String>();
        results.scores().forEach((name, value) -> rows.add(row(name, number(value))));
        rows.add(row("distinct inferences", Integer.toString(summary.distinctInferences())));
        rows.add(row("share of the most frequent", number(summary.largestInferenceShare())));
        rows.add(row("distinct inferences generated", Integer.toString(summary.distinctGenerated())));
        rows.add(row("share of the most frequent", number(summary.largestGeneratedShare())));
        return "<table>\n%s</table>".formatted(String.join("", rows));
    }

    private static String row(String name, String value) {
        return "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n".formatted(Html.escape(name), value);
    }

    private static String number(@Nullable Double value) {
        return value == null || value.isNaN() ? "none" : String.format(Locale.ROOT, "%.3f", value);
    }

    private String selection() {
        long wrong = results.answers().stream().filter(a -> !a.isRight()).count();
        return "Of %d, %d are wrong; up to %d of these come first, then some from all over the split."
                .formatted(summary.records(), wrong, WRONG_SHOWN);
    }

    /** Some that are wrong, then right ones at equal distances. */
    private List<Answer> shown() {
        var shown = new ArrayList<>(results.answers().stream()
                .filter(a -> !a.isRight())
                .limit(WRONG_SHOWN)
                .toList());
        var right = results.answers().stream().filter(Answer::isRight).toList();
        int count = Math.min(right.size(), SHOWN - shown.size());
        IntStream.range(0, count)
                .map(i -> i * right.size() / count)
                .mapToObj(right::get)
                .forEach(shown::add);
        return shown;
    }
}
