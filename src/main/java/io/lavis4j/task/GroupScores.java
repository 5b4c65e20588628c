package io.lavis4j.task;

import io.lavis4j.metric.Breakdown;
import io.lavis4j.metric.CorpusScores;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/** Scores of the groups that samples belong to, named {@code CIDEr[confidence=3]}, with {@code items[confidence=3]}. */
final class GroupScores {

    private static final String UNKNOWN = "unknown";

    private GroupScores() {}

    /**
     * All groups; of a key by which the samples are all one group, none.
     *
     * @param groups id to key to group
     */
    static Map<String, Double> of(CorpusScores scores, Map<String, Map<String, String>> groups) {
        var keys = new LinkedHashSet<String>();
        scores.ids().forEach(id -> keys.addAll(groups.getOrDefault(id, Map.of()).keySet()));
        var named = new LinkedHashMap<String, Double>();
        for (String key : keys) {
            var breakdown =
                    Breakdown.by(scores, id -> groups.getOrDefault(id, Map.of()).getOrDefault(key, UNKNOWN));
            if (breakdown.groups().size() > 1) {
                breakdown.groups().forEach((name, group) -> {
                    String suffix = "[%s=%s]".formatted(key, name);
                    named.put("items" + suffix, (double) group.items());
                    group.scores().forEach((metric, score) -> named.put(metric + suffix, score));
                });
            }
        }
        return named;
    }
}
