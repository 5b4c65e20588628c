package io.lavis4j.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Scores of the groups that the items of a corpus fall into. {@link Aggregation} says what the score of a part is.
 *
 * @param groups by key, in the order of the keys
 */
public record Breakdown(Map<String, Group> groups) {

    /**
     * One group.
     *
     * @param items how many
     * @param scores metric to score
     */
    public record Group(int items, Map<String, Double> scores) {}

    public Breakdown {
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    /**
     * Groups items and scores each group.
     *
     * @param key of the group that the item with an id belongs to
     */
    public static Breakdown by(CorpusScores scores, Function<String, String> key) {
        var members = new TreeMap<String, List<Integer>>();
        var ids = scores.ids();
        for (int i = 0; i < ids.size(); i++) {
            members.computeIfAbsent(key.apply(ids.get(i)), group -> new ArrayList<>())
                    .add(i);
        }
        var groups = new LinkedHashMap<String, Group>();
        var aggregation = scores.aggregation();
        members.forEach((group, items) -> groups.put(
                group,
                new Group(
                        items.size(),
                        aggregation.of(items.stream().mapToInt(i -> i).toArray()))));
        return new Breakdown(groups);
    }
}
