package io.lavis4j.report;

import io.lavis4j.io.AtomicFile;
import io.lavis4j.runner.RunDirectory;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run as one page that needs nothing else: scores with intervals, curves, images with texts, scores of groups, and a
 * list of all items that can be searched, filtered and sorted. The same run and options give the same page.
 */
public final class RunReport {

    /** The page's usual name, in the directory of the run. */
    public static final String FILE = "report.html";

    private RunReport() {}

    /**
     * The run in a directory. One that only evaluated has no {@code log.txt}.
     *
     * @param path the directory of a run, or its parent, and then the newest run in it
     * @throws UncheckedIOException if there is no run
     */
    public static RunDirectory open(Path path) {
        var run = new RunDirectory(path);
        return Files.isRegularFile(run.evaluations()) ? run : RunDirectory.open(path);
    }

    /**
     * Writes the page; the file is replaced in one step.
     *
     * @param output the page
     * @throws IllegalArgumentException if the options name a split, epoch or score that is not there
     * @throws UncheckedIOException if a file of the run cannot be read or the page not be written
     */
    public static void write(RunDirectory run, Path output, ReportOptions options) {
        AtomicFile.write(output, page(RunReader.read(run, options), options));
    }

    private static String page(RunFacts run, ReportOptions options) {
        var header = new RunHeader(run);
        var places = new LinkedHashMap<String, String>(header.places());
        var scores = new ScoreTables(run);
        places.put("scores", scores.figures());
        places.put("curves", new Curves(run).html());
        places.putAll(items(run, options));
        places.put("tables", scores.tables());
        String body = Html.fill(Html.resource(RunReport.class, "run.html"), places);
        return Html.page("Report: " + header.name(), Html.resource(RunReport.class, "run.css"), body);
    }

    /** Images before the tables and the list of all items after them; both empty where nothing is shown. */
    private static Map<String, String> items(RunFacts run, ReportOptions options) {
        var shown = run.shown();
        if (shown == null) {
            return Map.of("images", "", "items", "");
        }
        var gallery = new Gallery(run, shown, options);
        String cards = gallery.html(); // before the list, which says what has an image
        var list = new ItemList(run, shown, gallery);
        String images = Html.fill(
                Html.resource(RunReport.class, "images.html"),
                Map.of(
                        "metrics", list.metricOptions(options.rankBy()),
                        "orders", list.metricOptions(""),
                        "groups", list.groupChoices(),
                        "gallery", cards));
        String items = Html.fill(
                Html.resource(RunReport.class, "items.html"),
                Map.of("json", list.json(), "script", Html.resource(RunReport.class, "items.js")));
        return Map.of("images", images, "items", items);
    }
}
