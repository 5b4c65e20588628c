package io.lavis4j.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lavis4j.io.JsonStream;
import io.lavis4j.metric.Breakdown;
import io.lavis4j.metric.Comparison;
import io.lavis4j.metric.CorpusScores;
import io.lavis4j.metric.Interval;
import io.lavis4j.metric.vqa.VqaScores;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The findings of a scoring, as a table or JSON.
 *
 * @param scores of the corpus and its items
 * @param metrics to show, in their order
 * @param intervals by metric; empty if not asked for
 * @param comparisons by metric; empty if not asked for
 * @param breakdowns by the key that they break down by
 */
record ScoreReport(
        CorpusScores scores,
        List<String> metrics,
        Map<String, Interval> intervals,
        Map<String, Comparison> comparisons,
        Map<String, Breakdown> breakdowns) {

    /** Lines for people. */
    List<String> table() {
        var lines = new ArrayList<String>();
        for (String metric : metrics) {
            var interval = intervals.get(metric);
            lines.add(format("%-8s %.4f", metric, scores.corpus().getOrDefault(metric, Double.NaN))
                    + (interval == null ? "" : format("  [%.4f, %.4f]", interval.low(), interval.high())));
        }
        if (scores instanceof VqaScores vqa) {
            add(lines, "answer type", vqa.perAnswerType());
            add(lines, "question type", vqa.perQuestionType());
        }
        if (!comparisons.isEmpty()) {
            lines.add("");
            lines.add(format("%-8s %8s %8s %10s  %-20s %s", "", "results", "other", "difference", "95 %", "p"));
            for (String metric : metrics) {
                var c = comparisons.get(metric);
                if (c != null) {
                    var interval = format(
                            "[%+.4f, %+.4f]", c.interval().low(), c.interval().high());
                    lines.add(format(
                            "%-8s %8.4f %8.4f %+10.4f  %-20s %.4f",
                            metric, c.first(), c.second(), c.difference(), interval, c.pValue()));
                }
            }
        }
        breakdowns.forEach((by, breakdown) -> add(lines, by, breakdown));
        return lines;
    }

    private static void add(List<String> lines, String title, Map<String, Double> rows) {
        if (!rows.isEmpty()) {
            lines.add("");
            lines.add(title);
            rows.forEach((name, score) -> lines.add(format("%-24s %.2f", name, score)));
        }
    }

    private void add(List<String> lines, String by, Breakdown breakdown) {
        lines.add("");
        var head = new StringBuilder(format("%-12s %8s", by, "items"));
        metrics.forEach(metric -> head.append(format(" %8s", metric)));
        lines.add(head.toString());
        breakdown.groups().forEach((name, group) -> {
            var line = new StringBuilder(format("%-12s %8d", name, group.items()));
            metrics.forEach(metric ->
                    line.append(format(" %8.4f", group.scores().getOrDefault(metric, Double.NaN))));
            lines.add(line.toString());
        });
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** One object: each metric's score, and what else was asked for. */
    String json() {
        var root = new LinkedHashMap<String, Object>();
        metrics.forEach(metric -> root.put(metric, scores.corpus().getOrDefault(metric, Double.NaN)));
        if (scores instanceof VqaScores vqa) {
            root.put("perAnswerType", vqa.perAnswerType());
            root.put("perQuestionType", vqa.perQuestionType());
        }
        if (!intervals.isEmpty()) {
            root.put("intervals", byMetric(intervals, ScoreReport::ends));
        }
        if (!comparisons.isEmpty()) {
            root.put("comparison", byMetric(comparisons, ScoreReport::fields));
        }
        if (!breakdowns.isEmpty()) {
            var all = new LinkedHashMap<String, Object>();
            breakdowns.forEach((by, breakdown) -> {
                var groups = new LinkedHashMap<String, Object>();
                breakdown.groups().forEach((name, group) -> {
                    var fields = new LinkedHashMap<String, Object>();
                    fields.put("items", group.items());
                    metrics.forEach(metric -> fields.put(metric, group.scores().getOrDefault(metric, Double.NaN)));
                    groups.put(name, fields);
                });
                all.put(by, groups);
            });
            root.put("breakdown", all);
        }
        return written(root);
    }

    /** Streamed: binding classes would take longer to load than the scores to compute. */
    private static String written(Object value) {
        var text = new StringWriter();
        try (var out = JsonStream.generator(text)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (var entry : map.entrySet()) {
                out.writeFieldName(String.valueOf(entry.getKey()));
                write(out, entry.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof List<?> list) {
            out.writeStartArray();
            for (Object element : list) {
                write(out, element);
            }
            out.writeEndArray();
        } else if (value instanceof Double number) {
            out.writeNumber(number);
        } else if (value instanceof Integer number) {
            out.writeNumber(number);
        } else {
            out.writeString(String.valueOf(value));
        }
    }

    private interface Converter<T> {
        Object convert(T value);
    }

    private <T> Map<String, Object> byMetric(Map<String, T> values, Converter<T> converter) {
        var converted = new LinkedHashMap<String, Object>();
        for (String metric : metrics) {
            T value = values.get(metric);
            if (value != null) {
                converted.put(metric, converter.convert(value));
            }
        }
        return converted;
    }

    private static Object ends(Interval interval) {
        return List.of(interval.low(), interval.high());
    }

    private static Object fields(Comparison comparison) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("other", comparison.second());
        fields.put("difference", comparison.difference());
        fields.put("interval", ends(comparison.interval()));
        fields.put("p", comparison.pValue());
        return fields;
    }

    /** Writes the scores of each id, one object a line. */
    void writeItems(Path file) {
        var lines = new ArrayList<String>();
        var items = scores.items();
        for (int i = 0; i < scores.ids().size(); i++) {
            var line = new LinkedHashMap<String, Object>();
            line.put("id", scores.ids().get(i));
            for (String metric : metrics) {
                var all = items.get(metric);
                if (all != null) {
                    line.put(metric, all[i]);
                }
            }
            lines.add(written(line));
        }
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written (%s)".formatted(file, e), e);
        }
    }
}
