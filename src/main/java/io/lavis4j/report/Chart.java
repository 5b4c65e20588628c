package io.lavis4j.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lines over epochs or steps as a figure with inline SVG, as wide as its place: axes, a legend, and the values of each
 * point when it is pointed at. Lines differ in dashes and marks too, not in colour alone.
 *
 * @param title of the figure
 * @param xLabel the unit of x, which is a whole number
 * @param logarithmic y has a logarithmic scale, on which everything below 1e-4 lies at 1e-4
 * @param marked an x with a line through it, the best epoch; {@code null} for none
 * @param series at most {@value #MAX_SERIES}
 */
public record Chart(
        String title,
        String xLabel,
        boolean logarithmic,
        @Nullable Double marked,
        List<Series> series) {

    static final int MAX_SERIES = 8;

    /** Units across and down of the lines, which are stretched to their place. */
    private static final int EXTENT = 1000;

    private static final double PERCENT = 100;

    private static final double FLOOR = 1e-4;

    /** Lines of more points have no marks, which would run into each other. */
    private static final int MAX_MARKS = 60;

    private static final List<String> MARKS = List.of(
            "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", // disc
            "M-3-3h6v6h-6z", // square
            "M0-4L4 3H-4z", // triangle
            "M0-4L4 0L0 4L-4 0z", // diamond
            "M-4-3H4L0 4z", // triangle upside down
            "M-1-4h2v3h3v2h-3v3h-2v-3h-3v-2h3z", // cross
            "M-4-1.5h8v3h-8z", // flat
            "M-1.5-4h3v8h-3z"); // upright

    public Chart {
        if (series.size() > MAX_SERIES) {
            throw new IllegalArgumentException(
                    "expected at most %d lines in a chart, got %d".formatted(MAX_SERIES, series.size()));
        }
        series = List.copyOf(series);
    }

    /** A {@code figure} element; with a sentence in it where there are no points. */
    public String html() {
        var drawn = series.stream()
                .flatMap(s -> s.points().stream())
                .filter(p -> Double.isFinite(p.y()))
                .toList();
        String content = drawn.isEmpty()
                ? "<p class=\"quiet\">Nothing was recorded.</p>"
                : new Drawing(this, x(drawn), y(drawn)).svg() + legend();
        return "<figure class=\"panel chart\">\n<figcaption>%s</figcaption>\n%s\n</figure>"
                .formatted(Html.escape(title), content);
    }

    private static Axis x(List<Series.Point> points) {
        return Axis.wholeNumbers(
                points.stream().mapToDouble(Series.Point::x).min().orElseThrow(),
                points.stream().mapToDouble(Series.Point::x).max().orElseThrow());
    }

    private Axis y(List<Series.Point> points) {
        double low = points.stream().mapToDouble(p -> height(p.y())).min().orElseThrow();
        double high = points.stream().mapToDouble(p -> height(p.y())).max().orElseThrow();
        return logarithmic ? Axis.powersOfTen(low, high) : Axis.around(low, high);
    }

    private double height(double value) {
        return logarithmic ? Math.log10(Math.max(FLOOR, value)) : value;
    }

    private String legend() {
        if (series.size() < 2) {
            return "";
        }
        var items = new StringBuilder("\n<ul class=\"legend\">");
        for (int i = 0; i < series.size(); i++) {
            items.append(format(
                    "<li><svg width=\"40\" height=\"12\" viewBox=\"0 0 40 12\" aria-hidden=\"true\">"
                            + "<g class=\"s%d\"><path class=\"line\" d=\"M0 6H40\"/>"
                            + "<path class=\"mark\" transform=\"translate(20 6)\" d=\"%s\"/></g></svg>%s</li>",
                    i, MARKS.get(i), Html.escape(series.get(i).name())));
        }
        return items.append("</ul>").toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** The SVG of a chart, as wide as there is room: places are in percent, so that texts and marks keep their size. */
    private record Drawing(Chart chart, Axis x, Axis y) {

        String svg() {
            var svg = new StringBuilder();
            svg.append(format("<svg class=\"plot\" role=\"img\" aria-label=\"%s\">\n", label()));
            for (var tick : y.ticks()) {
                double at = fromTop(tick.at());
                svg.append(format(
                        "<line class=\"grid\" x2=\"100%%\" y1=\"%1$.1f%%\" y2=\"%1$.1f%%\"/>"
                                + "<text x=\"-8\" y=\"%1$.1f%%\" dy=\".35em\" text-anchor=\"end\">%2$s</text>\n",
                        at, tick.label()));
            }
            for (var tick : x.ticks()) {
                svg.append(format(
                        "<text x=\"%.1f%%\" y=\"100%%\" dy=\"1.6em\" text-anchor=\"middle\">%s</text>\n",
                        fromLeft(tick.at()), tick.label()));
            }
            svg.append(format(
                    "<text x=\"50%%\" y=\"100%%\" dy=\"3.1em\" text-anchor=\"middle\">%s</text>\n",
                    Html.escape(chart.xLabel())));
            if (chart.marked() != null) {
                svg.append(format(
                        "<line class=\"marked\" x1=\"%1$.1f%%\" x2=\"%1$.1f%%\" y2=\"100%%\">"
                                + "<title>best: %2$s %3$.0f</title></line>\n",
                        fromLeft(chart.marked()), Html.escape(chart.xLabel()), chart.marked()));
            }
            for (int i = 0; i < chart.series().size(); i++) {
                svg.append(format("<g class=\"s%d\">\n", i));
                line(svg, chart.series().get(i));
                points(svg, chart.series().get(i), MARKS.get(i));
                svg.append("</g>\n");
            }
            return svg.append("</svg>").toString();
        }

        private String label() {
            var names = chart.series().stream().map(Series::name);
            return Html.escape(String.join(
                    ", ", Stream.concat(Stream.of(chart.title()), names).toList()));
        }

        private void line(StringBuilder svg, Series series) {
            svg.append(format(
                    "<svg viewBox=\"0 0 %1$d %1$d\" preserveAspectRatio=\"none\"><path class=\"line\" d=\"", EXTENT));
            boolean on = false;
            for (var point : series.points()) {
                boolean is = Double.isFinite(point.y());
                if (is) {
                    svg.append(format(
                            "%s%.1f %.1f",
                            on ? "L" : "M",
                            EXTENT * x.share(point.x()),
                            EXTENT * (1 - y.share(chart.height(point.y())))));
                }
                on = is;
            }
            svg.append("\"/></svg>\n");
        }

        private void points(StringBuilder svg, Series series, String mark) {
            boolean marks = series.points().size() <= MAX_MARKS;
            for (var point : series.points()) {
                if (Double.isFinite(point.y())) {
                    svg.append(format(
                            "<svg x=\"%.1f%%\" y=\"%.1f%%\"><path class=\"%s\" d=\"%s\"><title>%s</title></path></svg>\n",
                            fromLeft(point.x()),
                            fromTop(chart.height(point.y())),
                            marks ? "mark" : "unseen",
                            mark,
                            Html.escape("%s %.0f: %s %s"
                                    .formatted(chart.xLabel(), point.x(), series.name(), Html.number(point.y())))));
                }
            }
        }

        private double fromLeft(double value) {
            return PERCENT * x.share(value);
        }

        private double fromTop(double height) {
            return PERCENT * (1 - y.share(height));
        }
    }
}
