package io.lavis4j.report;

import io.lavis4j.metric.Breakdown;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Scores of all items and of the groups they fall into: a row for each group, a column for each metric.
 *
 * @param all the items together
 * @param groups by what tells them apart, as {@code confidence}, in the order of the page
 */
public record GroupTable(Breakdown.Group all, Map<String, Breakdown> groups) {

    private static final String ITEMS = "items";

    /**
     * The table of scores that a task has named.
     *
     * @param items of the split
     * @param scores {@code CIDEr}, {@code CIDEr[confidence=3]}, {@code items[confidence=3]}, ...
     */
    public static GroupTable of(int items, Map<String, Double> scores) {
        var all = new LinkedHashMap<String, Double>();
        var named = new LinkedHashMap<String, Map<String, Map<String, Double>>>();
        scores.forEach((logged, score) -> {
            var name = ScoreName.of(logged);
            var row = name.isOfGroup()
                    ? named.computeIfAbsent(name.key(), key -> new LinkedHashMap<>())
                            .computeIfAbsent(name.group(), group -> new LinkedHashMap<>())
                    : all;
            row.put(name.metric(), score);
        });
        var groups = new LinkedHashMap<String, Breakdown>();
        named.forEach((key, rows) -> groups.put(key, breakdown(rows)));
        return new GroupTable(new Breakdown.Group(items, all), groups);
    }

    private static Breakdown breakdown(Map<String, Map<String, Double>> rows) {
        var groups = new LinkedHashMap<String, Breakdown.Group>();
        rows.forEach((group, scores) -> {
            var items = scores.remove(ITEMS);
            groups.put(group, new Breakdown.Group(items == null ? 0 : (int) Math.round(items), scores));
        });
        return new Breakdown(groups);
    }

    /** A panel that scrolls sideways where it has to. */
    public String html() {
        var metrics = new LinkedHashSet<>(all.scores().keySet());
        groups.values()
                .forEach(by -> by.groups()
                        .values()
                        .forEach(group -> metrics.addAll(group.scores().keySet())));
        var bodies = new StringBuilder(body(row("all", all, metrics)));
        groups.forEach((key, by) -> bodies.append(body(by.groups().entrySet().stream()
                .map(group -> row(key + " " + group.getKey(), group.getValue(), metrics))
                .collect(Collectors.joining()))));
        return """
                <div class="panel scroll" tabindex="0" role="region" aria-label="Scores of groups"><table><thead><tr>\
                <th scope="col">group</th><th scope="col">items</th>%s</tr></thead>
                %s</table></div>
                """.formatted(heads(metrics), bodies);
    }

    private static String body(String rows) {
        return "<tbody>\n%s</tbody>\n".formatted(rows);
    }

    private static String row(String name, Breakdown.Group group, Set<String> metrics) {
        return "<tr><th scope=\"row\">%s</th><td>%,d</td>%s</tr>\n"
                .formatted(
                        Html.escape(name),
                        group.items(),
                        metrics.stream()
                                .map(metric -> "<td>%s</td>"
                                        .formatted(score(group.scores().getOrDefault(metric, Double.NaN))))
                                .collect(Collectors.joining()));
    }

    /** Cells of a table's head. */
    static String heads(Set<String> names) {
        return names.stream()
                .map(name -> "<th scope=\"col\">%s</th>".formatted(Html.escape(name)))
                .collect(Collectors.joining());
    }

    /** A score as HTML; a dash for NaN. */
    static String score(double value) {
        return Double.isNaN(value) ? "<span class=\"quiet\">&ndash;</span>" : Html.number(value);
    }
}
