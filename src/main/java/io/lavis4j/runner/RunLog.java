package io.lavis4j.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.io.JsonText;
import io.lavis4j.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Appends to {@code log.txt} and {@code evaluate.txt}; a line is written whole or not at all. */
final class RunLog {

    private final RunDirectory directory;

    RunLog(RunDirectory directory) {
        this.directory = directory;
    }

    /** The configuration, indented, at the head of {@code log.txt}. */
    void config(String json) {
        append(directory.log(), json);
    }

    /** The figures of an epoch: {@code train_loss}, {@code val_Bleu_4}, ... */
    void epoch(Map<String, ?> stats) {
        append(directory.log(), JsonText.of(finite(stats)));
    }

    /** The scores of a split, without the one that chooses the best checkpoint. */
    void evaluation(String split, Map<String, Double> scores) {
        var reported = new LinkedHashMap<>(scores);
        reported.remove(Task.AGG_METRICS);
        append(directory.evaluations(), JsonText.of(Map.of(split, finite(reported))));
    }

    /**
     * The score by which the validation after an epoch was judged, that of the first split.
     *
     * @param splits that are validated
     * @return {@code null} if there is no such log or it lacks the scores of one of the splits
     */
    static @Nullable Double score(Path log, int epoch, List<String> splits) {
        var found = new HashMap<String, Double>();
        int current = -1;
        for (String line : Files.isRegularFile(log) ? lines(log) : List.<String>of()) {
            var stats =
                    line.startsWith("{\"") ? stats(line) : MissingNode.getInstance(); // the configuration is indented
            current = stats.path("epoch").asInt(current);
            for (String split : splits) {
                var score = stats.path(split + "_" + Task.AGG_METRICS);
                if (current == epoch && score.isNumber()) {
                    found.put(split, score.doubleValue());
                }
            }
        }
        return found.keySet().containsAll(splits) ? found.get(splits.get(0)) : null;
    }

    private static List<String> lines(Path log) {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(log.toAbsolutePath(), e), e);
        }
    }

    private static JsonNode stats(String line) {
        try {
            return JsonText.parse(line);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance(); // the disk was full
        }
    }

    /** JSON knows no NaN. */
    private static Map<String, @Nullable Object> finite(Map<String, ?> values) {
        var plain = new LinkedHashMap<String, @Nullable Object>();
        values.forEach((name, value) ->
                plain.put(name, value instanceof Double d && !Double.isFinite(d) ? null : value));
        return plain;
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be written (%s); is the disk full?".formatted(file.toAbsolutePath(), e), e);
        }
    }
}
