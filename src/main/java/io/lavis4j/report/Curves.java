package io.lavis4j.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Loss, learning rate and scores by epoch. */
record Curves(RunFacts run) {

    private static final String EPOCH = "epoch";
    private static final String LOSS = "_loss";

    /** Between 0 and 1, so that they share a chart. */
    private static final Set<String> SHARES = Set.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "METEOR");

    /** Figures, or a sentence where no epoch was logged. */
    String html() {
        if (run.history().epochs().isEmpty()) {
            return "<p class=\"quiet\">There are no curves: no epoch was logged.</p>";
        }
        var charts = new ArrayList<Chart>();
        charts.add(chart("Loss", losses()));
        charts.add(chart("Learning rate", List.of(run.history().series("train_lr", "learning rate"))));
        for (String split : splits()) {
            var metrics = metrics(split);
            add(charts, split, metrics.stream().filter(SHARES::contains).toList());
            add(charts, split, metrics.stream().filter(m -> !SHARES.contains(m)).toList());
        }
        return charts.stream()
                .map(Chart::html)
                .collect(Collectors.joining("\n", "<div class=\"charts\">\n", "\n</div>"));
    }

    private void add(List<Chart> charts, String split, List<String> metrics) {
        for (int start = 0; start < metrics.size(); start += Chart.MAX_SERIES) {
            var some = metrics.subList(start, Math.min(metrics.size(), start + Chart.MAX_SERIES));
            charts.add(chart(
                    "%s of split %s".formatted(String.join(", ", some), split),
                    some.stream()
                            .map(metric -> run.history().series(split + "_" + metric, metric))
                            .toList()));
        }
    }

    private Chart chart(String title, List<Series> series) {
        var best = run.bestEpoch();
        return new Chart(title, EPOCH, false, best == null ? null : (double) best, series);
    }

    private List<Series> losses() {
        var losses = new ArrayList<Series>();
        losses.add(run.history().series("train_loss", "train"));
        for (String split : splits()) {
            var loss = run.history().series(split + LOSS, split);
            if (!loss.points().isEmpty() && losses.size() < Chart.MAX_SERIES) {
                losses.add(loss);
            }
        }
        return losses;
    }

    /** Those that were validated. */
    private Set<String> splits() {
        var splits = new LinkedHashSet<String>();
        keys().forEach(key -> {
            if (key.endsWith("_best_epoch")) {
                splits.add(key.substring(0, key.length() - "_best_epoch".length()));
            }
        });
        return splits;
    }

    /** Scores of the whole split, not those of its groups. */
    private List<String> metrics(String split) {
        var metrics = new LinkedHashSet<String>();
        keys().forEach(key -> {
            if (key.startsWith(split + "_") && !ScoreName.of(key).isOfGroup()) {
                metrics.add(key.substring(split.length() + 1));
            }
        });
        metrics.removeAll(List.of("best_epoch", "loss"));
        if (!ScoreTables.isScored(run.config())) {
            metrics.remove("agg_metrics");
        }
        return List.copyOf(metrics);
    }

    private Set<String> keys() {
        var keys = new LinkedHashSet<String>();
        run.history().epochs().values().forEach(stats -> keys.addAll(stats.keySet()));
        return keys;
    }
}
