package io.lavis4j.report;

import io.lavis4j.metric.Interval;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The numbers that a page begins with, each with a bar from 0 to the next whole number. */
public record Figures(List<Figure> figures) {

    /**
     * One number.
     *
     * @param name as plain text
     * @param value from 0; "none" for NaN
     * @param interval drawn on the bar; {@code null} for none
     * @param about a sentence in plain text
     */
    public record Figure(
            String name, double value, @Nullable Interval interval, String about) {}

    public Figures {
        figures = List.copyOf(figures);
    }

    /** A {@code dl} element. */
    public String html() {
        return figures.stream()
                .map(Figures::html)
                .collect(Collectors.joining("\n", "<dl class=\"figures\">\n", "\n</dl>"));
    }

    private static String html(Figure figure) {
        return """
                <div class="panel"><dt>%s</dt><dd class="value">%s</dd>
                <dd>%s</dd><dd class="quiet">%s</dd></div>""".formatted(
                Html.escape(figure.name()), Html.number(figure.value()), bar(figure), Html.escape(figure.about()));
    }

    /** The value as a bar, its interval as a line with ends. */
    private static String bar(Figure figure) {
        double value = Double.isFinite(figure.value()) ? figure.value() : 0;
        var interval = figure.interval();
        double end = Math.max(1, Math.ceil(interval == null ? value : interval.high()));
        String ends = interval == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "<path class=\"interval\" d=\"M%1$.1f 7H%2$.1fM%1$.1f 3V11M%2$.1f 3V11\"/>",
                        200 * interval.low() / end,
                        200 * interval.high() / end);
        return String.format(
                Locale.ROOT,
                "<svg class=\"bar\" viewBox=\"0 0 200 14\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                        + "<path class=\"ground\" d=\"M0 3H200V11H0z\"/><path class=\"amount\" d=\"M0 3H%.1fV11H0z\"/>%s</svg>",
                200 * value / end,
                ends);
    }
}
