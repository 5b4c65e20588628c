package io.lavis4j.runner;

import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
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
        reported.remove("agg_metrics");
        append(directory.evaluations(), JsonText.of(Map.of(split, finite(reported))));
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
