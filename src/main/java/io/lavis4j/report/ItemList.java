package io.lavis4j.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All items with texts and scores for the page's script, and the form that it filters them by. */
record ItemList(RunFacts run, ScoredResults shown, Gallery gallery) {

    private static final double DECIMALS = 1e4;

    private List<String> metrics() {
        return List.copyOf(shown.scores().items().keySet());
    }

    /**
     * Data that the script works on: names of scores and groups, then each item as id, generated text, true texts,
     * clue, scores, groups, and whether it has an image in the page.
     */
    String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        metrics().forEach(root.putArray("metrics")::add);
        var keys = run.records().groupKeys();
        keys.forEach(root.putArray("groups")::add);
        var items = root.putArray("items");
        for (int i = 0; i < shown.items().size(); i++) {
            var item = shown.items().get(i);
            var row = items.addArray().add(item.id()).add(item.hypothesis());
            item.references().forEach(row.addArray()::add);
            var record = run.records().of(item.id());
            row.add(record == null || record.clue() == null ? "" : record.clue());
            scores(row.addArray(), i);
            var groups = run.records().groups(item.id());
            var values = row.addArray();
            keys.forEach(key -> values.add(groups.getOrDefault(key, "")));
            row.add(gallery.has(i) ? 1 : 0);
        }
        return Html.json(root);
    }

    private void scores(ArrayNode row, int item) {
        shown.scores().item(item).values().forEach(score -> {
            if (Double.isFinite(score)) {
                row.add(Math.round(score * DECIMALS) / DECIMALS);
            } else {
                row.addNull();
            }
        });
    }

    /** Options of a choice of score; {@code chosen} is chosen at first. */
    String metricOptions(String chosen) {
        return metrics().stream()
                .map(metric -> "<option%s>%s</option>"
                        .formatted(metric.equals(chosen) ? " selected" : "", Html.escape(metric)))
                .collect(Collectors.joining());
    }

    /** One choice for each kind of group. */
    String groupChoices() {
        var html = new StringBuilder();
        for (String key : run.records().groupKeys()) {
            var values = new TreeSet<String>();
            shown.items()
                    .forEach(item -> values.add(run.records().groups(item.id()).getOrDefault(key, "")));
            html.append("<label>%s <select data-group=\"%1$s\"><option value=\"\">any</option>%s</select></label>\n"
                    .formatted(
                            Html.escape(key),
                            values.stream().map(ItemList::option).collect(Collectors.joining())));
        }
        return html.toString();
    }

    private static String option(String value) {
        return "<option>%s</option>".formatted(Html.escape(value));
    }
}
