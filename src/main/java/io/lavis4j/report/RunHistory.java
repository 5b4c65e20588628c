package io.lavis4j.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code log.txt}: the configuration, then an object for each epoch and each validation. LAVIS's logs
 * are read too, whose numbers are texts.
 *
 * @param config {@code null} if the log has none that can be read
 * @param epochs number of the epoch, or iterations at the end of an inner epoch, to what was logged of it, in their
 *     order: {@code train_loss}, {@code val_CIDEr}, ...; NaN where the log has null
 * @param warnings about lines that were left out
 */
record RunHistory(@Nullable ObjectNode config, Map<Integer, Map<String, Double>> epochs, List<String> warnings) {

    RunHistory {
        epochs = Collections.unmodifiableMap(new TreeMap<>(epochs));
        warnings = List.copyOf(warnings);
    }

    /** An empty history, where there is no log. */
    static RunHistory none() {
        return new RunHistory(null, Map.of(), List.of());
    }

    /** Reads a log; damaged lines are left out with a warning. */
    static RunHistory read(Path log) {
        var reading = new Reading();
        List<String> lines;
        try {
            lines = reading.lines(Files.readAllBytes(log));
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(log.toAbsolutePath(), TextFile.problem(log, e)), e);
        }
        for (int i = 0; i < lines.size(); ) {
            i = reading.read(lines, i);
        }
        return new RunHistory(reading.config, reading.epochs, reading.warnings);
    }

    /** A logged number, NaN if there is none. */
    double value(int epoch, String key) {
        return epochs.getOrDefault(epoch, Map.of()).getOrDefault(key, Double.NaN);
    }

    /** Values of a key where they were logged, null of the log as NaN. */
    Series series(String key, String name) {
        var points = new ArrayList<Series.Point>();
        epochs.forEach((epoch, stats) -> {
            var value = stats.get(key);
            if (value != null) {
                points.add(new Series.Point(epoch, value));
            }
        });
        return new Series(name, points);
    }

    /** The best epoch by the validation of a split; {@code null} if there was no validation or none was best. */
    @Nullable
    Integer bestEpoch(String split) {
        double best = Double.NaN;
        for (var stats : epochs.values()) {
            best = stats.getOrDefault(split + "_best_epoch", best);
        }
        return best >= 0 ? (Integer) (int) best : null;
    }

    /** The lines read so far. */
    private static final class Reading {

        private final Map<Integer, Map<String, Double>> epochs = new TreeMap<>();
        private final List<String> warnings = new ArrayList<>();
        private @Nullable ObjectNode config;
        private int epoch = -1;

        /** Each line decoded by itself, as a process that was killed, or a disk, may have damaged one. */
        List<String> lines(byte[] log) {
            var lines = new ArrayList<String>();
            for (String line :
                    new String(log, StandardCharsets.ISO_8859_1).lines().toList()) {
                try {
                    lines.add(TextFile.decode(line.getBytes(StandardCharsets.ISO_8859_1)));
                } catch (IOException e) {
                    lines.add("");
                    skip(lines.size(), "is not text (%s)".formatted(e.getMessage()));
                }
            }
            return lines;
        }

        /** Reads the object that begins at a line; returns the line after it. */
        int read(List<String> lines, int start) {
            String line = lines.get(start);
            if (line.isBlank()) {
                return start + 1;
            }
            if (line.strip().equals("{")) {
                return configuration(lines, start);
            }
            try {
                if (JsonText.parse(line) instanceof ObjectNode object) {
                    stats(object, start + 1);
                } else {
                    skip(start + 1, "is not a JSON object");
                }
            } catch (JsonProcessingException e) {
                skip(start + 1, "is not a JSON object (%s)".formatted(e.getOriginalMessage()));
            }
            return start + 1;
        }

        /** null, and what LAVIS writes for a number that is not one: {@code NaN}, {@code "nan"}, {@code "inf"}. */
        private static boolean isNone(JsonNode value) {
            return value.isNull()
                    || (value.isNumber() && !JsonText.isFinite(value))
                    || value.asText().matches("nan|-?inf");
        }

        /** Several lines, of which the last is a brace; the lines of epochs are not indented. */
        private int configuration(List<String> lines, int start) {
            int end = start + 1;
            while (end < lines.size()
                    && !lines.get(end).equals("}")
                    && !lines.get(end).startsWith("{")) {
                end++;
            }
            boolean closed = end < lines.size() && lines.get(end).equals("}");
            int next = closed ? end + 1 : end;
            try {
                if (closed
                        && JsonText.parse(String.join("\n", lines.subList(start, next))) instanceof ObjectNode read) {
                    config = read;
                    return next;
                }
                skip(start + 1, "begins a configuration that has no end");
            } catch (JsonProcessingException e) {
                skip(start + 1, "begins a configuration that is not JSON (%s)".formatted(e.getOriginalMessage()));
            }
            return next;
        }

        private void stats(ObjectNode object, int number) {
            String key = object.has("iters") ? "iters" : "epoch";
            if (object.has(key)) {
                double found = number(object.path(key));
                if (!(found >= 0)) {
                    skip(number, "has \"%s\": %s, expected a number from 0".formatted(key, object.path(key)));
                    return;
                }
                epoch = (int) found;
            } else if (epoch < 0) {
                skip(number, "has scores, but no epoch comes before it");
                return;
            }
            var stats = epochs.computeIfAbsent(epoch, e -> new LinkedHashMap<>());
            object.properties().forEach(field -> {
                double value = number(field.getValue());
                if (isNone(field.getValue()) || Double.isFinite(value)) {
                    stats.put(field.getKey().replaceFirst("_best_iters$", "_best_epoch"), value);
                }
            });
        }

        private static double number(JsonNode value) {
            if (value.isNumber()) {
                return JsonText.isFinite(value) ? value.doubleValue() : Double.NaN;
            }
            try {
                return value.isTextual() ? Double.parseDouble(value.textValue()) : Double.NaN;
            } catch (NumberFormatException e) {
                return Double.NaN; // a text, as it says
            }
        }

        private void skip(int number, String problem) {
            warnings.add("Line %d of log.txt %s; it was left out.".formatted(number, problem));
        }
    }
}
