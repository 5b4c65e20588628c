package io.lavis4j.metric.sherlock;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of a whole set of predictions.
 *
 * @param scores by name: {@code comparison}, {@code localization}, {@code retrieval_0}, ...
 */
public record LeaderboardScores(Map<String, SherlockScores> scores) {

    private static final String RETRIEVAL = "retrieval";

    public LeaderboardScores {
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /**
     * Scores every answer key below a folder with the predictions of its name.
     *
     * <p>Test ids are the key's own, or those of {@code *_instance_ids.json} beside it.
     *
     * @param keys folder of answer keys with their published names
     * @param predictions a folder of {@code comparison.npy}, {@code retrieval_0.json} and so on, or a submission
     * @throws IllegalArgumentException if there is no key, or a key without predictions
     */
    public static LeaderboardScores of(Path keys, Path predictions) {
        var files = TaskFiles.ANSWER_KEY.find(List.of(keys));
        if (files.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: no answer key in this folder; expected names like val_comparison_answer_key.json"
                            .formatted(keys));
        }
        var ids = TaskFiles.INSTANCE_IDS.find(List.of(keys));
        var source = new PredictionSource(predictions);
        var scores = new LinkedHashMap<String, SherlockScores>();
        files.forEach((name, file) -> {
            var key = AnswerKey.read(file);
            var idFile = ids.get(name);
            scores.put(
                    name, key.score(source.read(name, idFile == null ? key.testIds() : Predictions.readIds(idFile))));
        });
        return new LeaderboardScores(scores);
    }

    /** The mean of the retrieval splits, if there are any; in fewer than all it is the mean of those there are. */
    public Map<String, Number> retrieval() {
        var splits = scores.values().stream()
                .filter(RetrievalScores.class::isInstance)
                .map(RetrievalScores.class::cast)
                .toList();
        var mean = new LinkedHashMap<String, Number>();
        if (!splits.isEmpty()) {
            int n = splits.size();
            mean.put(
                    "im2txt",
                    splits.stream().mapToDouble(RetrievalScores::im2txt).sum() / n);
            mean.put(
                    "txt2im",
                    splits.stream().mapToDouble(RetrievalScores::txt2im).sum() / n);
            mean.put(
                    "p_at_1",
                    splits.stream().mapToDouble(RetrievalScores::precisionAt1).sum() / n);
            mean.put("splits", n);
        }
        return mean;
    }

    /** All numbers by name, unrounded, and {@code retrieval} for the mean of its splits. */
    public Map<String, Map<String, Number>> values() {
        var values = new LinkedHashMap<String, Map<String, Number>>();
        scores.forEach((name, score) -> values.put(name, score.values()));
        if (!retrieval().isEmpty()) {
            values.put(RETRIEVAL, retrieval());
        }
        return values;
    }

    /** The official lines under their names, and the mean of the retrieval splits. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        scores.forEach((name, score) -> score.lines().forEach(line -> lines.add(name + ": " + line)));
        retrieval()
                .forEach((name, value) -> lines.add("%s: mean %s: %s"
                        .formatted(
                                RETRIEVAL,
                                name,
                                value instanceof Double number ? Printed.fixed(number, 3) : value.toString())));
        return lines;
    }
}
