package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.runner.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a report knows of a run.
 *
 * @param directory of the run
 * @param config as it was resolved; missing if none could be read
 * @param configText the same as a file has it; empty if none could be read
 * @param history of the epochs
 * @param evaluations every evaluation whose results can be read
 * @param shown the one whose items are shown, of {@code evaluations}; {@code null} if there is none
 * @param records of its split
 * @param warnings sentences about what is missing
 */
record RunFacts(
        RunDirectory directory,
        JsonNode config,
        String configText,
        RunHistory history,
        List<ScoredResults> evaluations,
        @Nullable ScoredResults shown,
        SplitRecords records,
        List<String> warnings) {

    RunFacts {
        evaluations = List.copyOf(evaluations);
        warnings = List.copyOf(warnings);
    }

    /** A setting by its path, {@code run/max_epoch}. */
    JsonNode setting(String path) {
        return setting(config, path);
    }

    static JsonNode setting(JsonNode config, String path) {
        return config.isMissingNode() ? MissingNode.getInstance() : config.at("/" + path);
    }

    /** The configured splits of a kind: {@code valid_splits}. */
    static List<String> splits(JsonNode config, String kind) {
        var splits = new ArrayList<String>();
        var found = setting(config, "run/" + kind);
        if (found.isTextual()) {
            splits.add(found.asText());
        }
        found.forEach(split -> splits.add(split.asText()));
        return splits;
    }

    /** The split whose validation chooses the best epoch. */
    static String mainSplit(JsonNode config) {
        var valid = splits(config, "valid_splits");
        return valid.isEmpty() ? "val" : valid.get(0);
    }

    /** The best epoch so far, {@code null} if none was. */
    @Nullable
    Integer bestEpoch() {
        return history.bestEpoch(mainSplit(config));
    }
}
