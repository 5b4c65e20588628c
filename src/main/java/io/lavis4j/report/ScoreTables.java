package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.metric.Breakdown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Scores of the evaluation that is shown, of the groups of its items, and of all evaluations. */
record ScoreTables(RunFacts run) {

    /** An evaluation as sentences call it. */
    static String name(String label) {
        if (label.matches("\\d+")) {
            return "epoch " + label;
        }
        return label.equals(ReportOptions.BEST) ? "best checkpoint" : label;
    }

    /** Whether the run scored captions; without, LAVIS's {@code agg_metrics} of 0 stands for nothing. */
    static boolean isScored(JsonNode config) {
        return RunFacts.setting(config, "run/report_metric").asBoolean(true);
    }

    String html() {
        var html = new StringBuilder();
        var shown = run.shown();
        if (shown == null) {
            html.append(
                    "<p class=\"quiet\">No scores could be computed: there are no results to compute them from.</p>");
        } else {
            html.append("<p class=\"quiet\">%s</p>\n".formatted(Html.escape(about(shown))));
            html.append("<div class=\"panel\">%s</div>\n".formatted(scores(shown)));
            run.records().groupKeys().forEach(key -> html.append(groups(shown, key)));
        }
        return html.append(evaluations()).toString();
    }

    private String about(ScoredResults shown) {
        String intervals = shown.intervals().isEmpty()
                ? "Intervals were not asked for."
                : "Intervals cover 95 %, by drawing the items again with replacement (bootstrap).";
        return "Split %s, %s, %,d items. %s"
                .formatted(
                        shown.files().split(),
                        name(shown.files().label()),
                        shown.items().size(),
                        intervals);
    }

    private String scores(ScoredResults shown) {
        var rows = new StringBuilder();
        shown.scores().corpus().forEach((metric, score) -> {
            var interval = shown.intervals().get(metric);
            rows.append("<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td class=\"wide\">%s</td></tr>\n"
                    .formatted(
                            Html.escape(metric),
                            Html.number(score),
                            interval == null
                                    ? "none"
                                    : "%s to %s".formatted(Html.number(interval.low()), Html.number(interval.high())),
                            bar(
                                    score,
                                    interval == null ? score : interval.low(),
                                    interval == null ? score : interval.high())));
        });
        double loss = run.history().value(shown.files().epoch(), shown.files().split() + "_loss");
        if (Double.isFinite(loss)) {
            rows.append("<tr><th scope=\"row\">loss</th><td>%s</td><td>none</td><td class=\"wide\"></td></tr>\n"
                    .formatted(Html.number(loss)));
        }
        return """
                <table><thead><tr><th scope="col">score</th><th scope="col">value</th><th scope="col">95 %% interval</th>\
                <th scope="col" class="wide">from 0 to the next whole number</th></tr></thead>
                <tbody>
                %s</tbody></table>""".formatted(rows);
    }

    /** The score as a bar, its interval as a line with ends. */
    private static String bar(double score, double low, double high) {
        double end = Math.max(1, Math.ceil(high));
        return String.format(
                Locale.ROOT,
                "<svg class=\"bar\" viewBox=\"0 0 200 14\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                        + "<path class=\"ground\" d=\"M0 2H200V12H0z\"/><path class=\"value\" d=\"M0 2H%.1fV12H0z\"/>"
                        + "<path class=\"interval\" d=\"M%.1f 7H%.1fM%3$.1f 3V11M%2$.1f 3V11\"/></svg>",
                200 * score / end,
                200 * low / end,
                200 * high / end);
    }

    private String groups(ScoredResults shown, String key) {
        var breakdown =
                Breakdown.by(shown.scores(), id -> run.records().groups(id).getOrDefault(key, ""));
        var metrics = shown.scores().corpus().keySet();
        var rows = new StringBuilder();
        breakdown
                .groups()
                .forEach((group, found) -> rows.append("<tr><th scope=\"row\">%s</th><td>%,d</td>%s</tr>\n"
                        .formatted(
                                Html.escape(group),
                                found.items(),
                                metrics.stream()
                                        .map(metric ->
                                                cell(Html.number(found.scores().getOrDefault(metric, Double.NaN))))
                                        .collect(Collectors.joining()))));
        return """
                <h3>By %s</h3>
                <div class="panel scroll" tabindex="0" role="region" aria-label="Scores by %1$s">\
                <table><thead><tr><th scope="col">%1$s</th>\
                <th scope="col">items</th>%s</tr></thead>
                <tbody>
                %s</tbody></table></div>
                """.formatted(Html.escape(key), heads(metrics), rows);
    }

    private static String heads(Set<String> names) {
        return names.stream()
                .map(name -> "<th scope=\"col\">%s</th>".formatted(Html.escape(name)))
                .collect(Collectors.joining());
    }

    private static String cell(String html) {
        return "<td>%s</td>".formatted(html);
    }

    /** One row of the table of all: what was logged, and what the result files give. */
    private record Row(
            String split,
            String label,
            Map<String, Double> logged,
            @Nullable ScoredResults scored) {

        String cell(String metric) {
            if (scored == null || !scored.scores().corpus().containsKey(metric)) {
                double value = logged.getOrDefault(metric, Double.NaN);
                return Double.isNaN(value) ? "<span class=\"quiet\">none</span>" : Html.number(value);
            }
            var interval = scored.intervals().get(metric);
            return Html.number(Objects.requireNonNull(scored.scores().corpus().get(metric)))
                    + (interval == null
                            ? ""
                            : "<small>%s to %s</small>"
                                    .formatted(Html.number(interval.low()), Html.number(interval.high())));
        }
    }

    private String evaluations() {
        var rows = rows();
        if (rows.isEmpty()) {
            return "";
        }
        var metrics = new LinkedHashSet<String>();
        rows.forEach(row -> {
            metrics.addAll(row.logged().keySet());
            if (row.scored() != null) {
                metrics.addAll(row.scored().scores().corpus().keySet());
            }
        });
        metrics.removeIf(metric -> metric.endsWith("best_epoch") || metric.indexOf('[') >= 0);
        var best = run.bestEpoch();
        var body = new StringBuilder();
        for (var row : rows) {
            boolean isBest = best != null
                    && row.label().equals(best.toString())
                    && row.split().equals(RunFacts.mainSplit(run.config()));
            body.append("<tr%s><th scope=\"row\">%s, %s%s</th>%s</tr>\n"
                    .formatted(
                            isBest ? " class=\"best\"" : "",
                            Html.escape(row.split()),
                            Html.escape(name(row.label())),
                            isBest ? " (best)" : "",
                            metrics.stream()
                                    .map(metric -> cell(row.cell(metric)))
                                    .collect(Collectors.joining())));
        }
        return """
                <details><summary>All %,d evaluations</summary>
                <div class="panel scroll" tabindex="0" role="region" aria-label="All evaluations"><table><thead><tr>\
                <th scope="col">split, epoch</th>%s</tr></thead>
                <tbody>
                %s</tbody></table></div></details>
                """.formatted(rows.size(), heads(metrics), body);
    }

    private List<Row> rows() {
        var rows = new TreeMap<String, Row>();
        run.history().epochs().forEach((epoch, stats) -> {
            for (String key : stats.keySet()) {
                if (key.endsWith("_best_epoch")) {
                    String split = key.substring(0, key.length() - "_best_epoch".length());
                    rows.put(order(split, epoch), new Row(split, String.valueOf(epoch), logged(split, stats), null));
                }
            }
        });
        for (var scored : run.evaluations()) {
            var files = scored.files();
            String place =
                    order(files.split(), files.epoch()) + (files.epoch() == Integer.MAX_VALUE ? files.label() : "");
            var logged = rows.get(place);
            rows.put(place, new Row(files.split(), files.label(), logged == null ? Map.of() : logged.logged(), scored));
        }
        return new ArrayList<>(rows.values());
    }

    private static String order(String split, int epoch) {
        return "%s %010d ".formatted(split, epoch);
    }

    private Map<String, Double> logged(String split, Map<String, Double> stats) {
        var logged = new LinkedHashMap<String, Double>();
        stats.forEach((key, value) -> {
            if (key.startsWith(split + "_")) {
                logged.put(key.substring(split.length() + 1), value);
            }
        });
        if (!isScored(run.config())) {
            logged.remove("agg_metrics");
        }
        return logged;
    }
}
