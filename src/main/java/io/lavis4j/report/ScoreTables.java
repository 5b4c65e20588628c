package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.metric.Breakdown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** Figures of the evaluation that is shown, or a sentence where there is none. */
    String figures() {
        var shown = run.shown();
        if (shown == null) {
            return "<p class=\"quiet\">No scores could be computed: there are no results to compute them from.</p>";
        }
        var figures = new ArrayList<Figures.Figure>();
        shown.scores().corpus().forEach((metric, score) -> {
            var interval = shown.intervals().get(metric);
            String range = interval == null
                    ? ""
                    : "%s to %s".formatted(Html.number(interval.low()), Html.number(interval.high()));
            figures.add(new Figures.Figure(metric, score, interval, range));
        });
        return "<p class=\"quiet\">%s</p>\n%s".formatted(Html.escape(about(shown)), new Figures(figures).html());
    }

    private String about(ScoredResults shown) {
        String intervals = shown.intervals().isEmpty()
                ? "Intervals were not asked for."
                : "Intervals cover 95 %, by drawing the items again with replacement (bootstrap).";
        double loss = run.history().value(shown.files().epoch(), shown.files().split() + "_loss");
        return "Split %s, %s, %,d items. %s Bars go from 0 to the next whole number.%s"
                .formatted(
                        shown.files().split(),
                        name(shown.files().label()),
                        shown.items().size(),
                        intervals,
                        Double.isFinite(loss) ? " The loss is %s.".formatted(Html.number(loss)) : "");
    }

    /** Scores of groups, then of all evaluations; empty where nothing was evaluated. */
    String tables() {
        var shown = run.shown();
        String all = evaluations();
        if (shown == null) {
            return all.isEmpty() ? "" : "<h2>Scores</h2>\n" + all;
        }
        var groups = new LinkedHashMap<String, Breakdown>();
        run.records().groupKeys().forEach(key -> {
            var by = Breakdown.by(shown.scores(), id -> run.records().groups(id).getOrDefault(key, ""));
            if (by.groups().size() > 1) {
                groups.put(key, by);
            }
        });
        var whole = new Breakdown.Group(shown.items().size(), shown.scores().corpus());
        return "<h2>Scores of groups</h2>\n" + new GroupTable(whole, groups).html() + all;
    }

    /** One row of the table of all: what was logged, and what the result files give. */
    private record Row(
            String split,
            String label,
            Map<String, Double> logged,
            @Nullable ScoredResults scored) {

        String cell(String metric) {
            if (scored == null || !scored.scores().corpus().containsKey(metric)) {
                return GroupTable.score(logged.getOrDefault(metric, Double.NaN));
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
        metrics.removeIf(
                metric -> metric.endsWith("best_epoch") || ScoreName.of(metric).isOfGroup());
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
                                    .map(metric -> "<td>%s</td>".formatted(row.cell(metric)))
                                    .collect(Collectors.joining())));
        }
        return """
                <details><summary>All %,d evaluations</summary>
                <div class="panel scroll" tabindex="0" role="region" aria-label="All evaluations"><table><thead><tr>\
                <th scope="col">split, epoch</th>%s</tr></thead>
                <tbody>
                %s</tbody></table></div></details>
                """.formatted(rows.size(), GroupTable.heads(metrics), body);
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
