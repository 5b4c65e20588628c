package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonStream;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Scores by test id.
 *
 * @param scores finite; higher is better
 */
public record Predictions(Map<String, Double> scores) {

    private static final String EXPECTED = "is neither a .npy file nor a JSON object from test id to score";

    public Predictions {
        scores = Collections.unmodifiableMap(new HashMap<>(scores));
        scores.forEach((id, score) -> {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException(
                        "the score of test id %s is %s; expected a finite number".formatted(id, score));
            }
        });
    }

    /**
     * Reads predictions: a {@code .npy} array in the order of the sorted test ids, or a JSON object from test id to
     * score.
     *
     * @param testIds of the instances that were scored
     * @throws IllegalArgumentException if the file does not have exactly one score for each of them
     */
    public static Predictions read(Path file, Collection<String> testIds) {
        try {
            return parse(file.toString(), Files.readAllBytes(file), testIds);
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(file, TextFile.problem(file, e)), e);
        }
    }

    /** Reads the content of such a file; {@code name} is for messages. */
    static Predictions parse(String name, byte[] content, Collection<String> testIds) {
        try {
            return NpyArray.isArray(content)
                    ? ofArray(NpyArray.parse("the content", content), testIds)
                    : ofJson(content, testIds);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private static Predictions ofArray(NpyArray array, Collection<String> testIds) {
        var sorted = new TreeSet<>(testIds);
        if (array.length() != sorted.size()) {
            throw new IllegalArgumentException(
                    "has %d scores, expected %d, one for each test id".formatted(array.length(), sorted.size()));
        }
        var scores = new HashMap<String, Double>();
        int next = 0;
        for (String id : sorted) {
            scores.put(id, array.value(next++));
        }
        return new Predictions(scores);
    }

    private static Predictions ofJson(byte[] content, Collection<String> testIds) {
        var scores = new HashMap<String, Double>();
        for (var entry : tree(content).properties()) {
            if (!entry.getValue().isNumber()) {
                throw new IllegalArgumentException("the score of test id %s is %.60s; expected a number"
                        .formatted(entry.getKey(), JsonText.found(entry.getValue())));
            }
            scores.put(entry.getKey(), entry.getValue().doubleValue());
        }
        var missing = new TreeSet<>(testIds);
        missing.removeAll(scores.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("%d of %d test ids have no score; the first is %s"
                    .formatted(missing.size(), testIds.size(), missing.first()));
        }
        var unknown = new TreeSet<>(scores.keySet());
        unknown.removeAll(new TreeSet<>(testIds));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "%d scores are of test ids that the answer key does not have; the first is %s"
                            .formatted(unknown.size(), unknown.first()));
        }
        return new Predictions(scores);
    }

    private static JsonNode tree(byte[] content) {
        try {
            var tree = JsonText.parse(content);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "%s%s: %s".formatted(EXPECTED, JsonStream.place(e), e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(EXPECTED + " (%s)".formatted(e.getMessage()), e);
        }
        throw new IllegalArgumentException(EXPECTED);
    }

    /**
     * Reads a list of test ids, as the published {@code *_instance_ids.json} hold them.
     *
     * @throws UncheckedIOException if the file is not there or not a JSON list
     * @throws IllegalArgumentException if an element is not a text
     */
    public static List<String> readIds(Path file) {
        var ids = new ArrayList<String>();
        JsonFile.of(file, "a JSON list of test ids").elements((id, index) -> {
            if (!id.isTextual()) {
                throw new IllegalArgumentException(
                        "%s: element %d is %.60s; expected a test id, a text".formatted(file, index, id));
            }
            ids.add(id.textValue());
        });
        return ids;
    }

    /** @throws IllegalArgumentException if there is no such score */
    double of(String testId) {
        var score = scores.get(testId);
        if (score == null) {
            throw new IllegalArgumentException("test id %s has no score".formatted(testId));
        }
        return score;
    }
}
