package io.lavis4j.metric.vqa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.Listing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions, answers and predictions of a visual question answering data set, read from JSON and joined by question id.
 *
 * <p>Annotations are VQA's object with {@code annotations}, a list of records, or GQA's object of id to record. An
 * annotation's answers are {@code answers} (VQA: records with {@code answer}; or texts), {@code direct_answers}
 * (A-OKVQA: texts) or {@code answer} (GQA). Results are a list of records with {@code question_id} (or
 * {@code questionId}) and {@code answer}, {@code pred_ans} or {@code prediction}, or an object of id to answer, or, as
 * A-OKVQA's leaderboard has it, to a record with {@code direct_answer}. An id may be a number or a text, {@code 7} and
 * {@code "7"} are the same. Of several records of an id in one file the last counts, as in the reference, with a
 * warning that names the ids. The ids of all files must be the same.
 */
public final class VqaFiles {

    private static final Logger LOG = LoggerFactory.getLogger(VqaFiles.class);
    private static final List<String> ID_KEYS = List.of("question_id", "questionId");
    private static final List<String> PREDICTION_KEYS = List.of("answer", "pred_ans", "prediction", "direct_answer");

    private VqaFiles() {}

    /**
     * Reads and joins the files, in the order of the annotations.
     *
     * @param questions VQA's file of questions, only to check that the annotations answer these; {@code null} for none
     * @throws java.io.UncheckedIOException if a file cannot be read or is not JSON
     * @throws IllegalArgumentException if a record is malformed, naming its place, or if ids differ, naming them
     */
    public static List<VqaItem> read(Path annotations, @Nullable Path questions, Path results) {
        var annotated = records(annotations, "annotations");
        var items = new ArrayList<VqaItem>();
        var predictions = new LinkedHashMap<String, String>();
        records(results, "results").forEach((id, node) -> predictions.put(id, prediction(results, id, node)));
        if (questions != null) {
            var asked = records(questions, "questions").keySet();
            requireSame(questions, asked, annotations, annotated.keySet());
        }
        requireSame(annotations, annotated.keySet(), results, predictions.keySet());
        annotated.forEach((id, node) -> items.add(item(annotations, id, node, predictions.getOrDefault(id, ""))));
        return items;
    }

    private static void requireSame(
            Path first, Collection<String> firstIds, Path second, Collection<String> secondIds) {
        var problems = new ArrayList<String>();
        missing(problems, first, firstIds, second, secondIds);
        missing(problems, second, secondIds, first, firstIds);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems)
                    + ". Both files need the same ids, or the accuracy is of something else.");
        }
    }

    private static void missing(
            List<String> problems, Path there, Collection<String> ids, Path absent, Collection<String> others) {
        var lacking = ids.stream().filter(id -> !others.contains(id)).toList();
        if (!lacking.isEmpty()) {
            problems.add("%d question ids of %s are not in %s: %s"
                    .formatted(lacking.size(), there, absent, Listing.ofIds(lacking)));
        }
    }

    /** Records by id; {@code list} is the key of the list where the file is an object with one. */
    private static Map<String, JsonNode> records(Path path, String list) {
        var root = JsonFile.of(path, "JSON with " + list).tree();
        var entries = root.path(list).isArray() ? root.path(list) : root;
        var records = new LinkedHashMap<String, JsonNode>();
        var repeated = new ArrayList<String>();
        if (entries.isArray()) {
            for (int i = 0; i < entries.size(); i++) {
                String id = id(path, i, entries.get(i));
                if (records.put(id, entries.get(i)) != null) {
                    repeated.add(id);
                }
            }
        } else if (entries.isObject()) {
            entries.properties().forEach(entry -> records.put(entry.getKey(), entry.getValue()));
        }
        if (records.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has no %s; expected a list of records, an object with \"%s\", or one of id to record"
                            .formatted(path, list, list));
        }
        if (!repeated.isEmpty()) {
            LOG.warn(
                    "{}: {} question ids occur again, the last record counts: {}",
                    path,
                    repeated.size(),
                    Listing.ofIds(repeated));
        }
        return records;
    }

    private static String id(Path path, int index, JsonNode record) {
        for (String key : ID_KEYS) {
            var id = record.path(key);
            if (id.isTextual() || id.isIntegralNumber()) {
                return id.asText();
            }
        }
        throw new IllegalArgumentException("%s, record %d: expected a number or text under \"question_id\", got %s"
                .formatted(path, index, JsonText.found(record.path("question_id"))));
    }

    private static String prediction(Path path, String id, JsonNode node) {
        if (node.isTextual()) {
            return node.textValue();
        }
        for (String key : PREDICTION_KEYS) {
            if (node.path(key).isTextual()) {
                return node.path(key).textValue();
            }
        }
        throw malformed(path, id, "a text under \"answer\"", node);
    }

    private static IllegalArgumentException malformed(Path path, String id, String expected, JsonNode node) {
        String text = JsonText.found(node);
        return new IllegalArgumentException("%s, question id %s: expected %s, got %s"
                .formatted(path, id, expected, text.length() <= 100 ? text : text.substring(0, 100) + "..."));
    }

    private static VqaItem item(Path path, String id, JsonNode node, String prediction) {
        var answers = new ArrayList<VqaAnswer>();
        var list = node.has("answers") ? node.path("answers") : node.path("direct_answers");
        for (var answer : list) {
            answers.add(answer(path, id, answer));
        }
        if (answers.isEmpty() && node.path("answer").isTextual()) {
            answers.add(new VqaAnswer(node.path("answer").textValue(), Map.of()));
        }
        if (answers.isEmpty()) {
            throw malformed(path, id, "one or more \"answers\", \"direct_answers\" or an \"answer\"", node);
        }
        return new VqaItem(
                id, prediction, answers, type(path, id, node, "question_type"), type(path, id, node, "answer_type"));
    }

    private static VqaAnswer answer(Path path, String id, JsonNode answer) {
        if (answer.isTextual()) {
            return new VqaAnswer(answer.textValue(), Map.of());
        }
        if (!(answer instanceof ObjectNode record) || !record.path("answer").isTextual()) {
            throw malformed(path, id, "answers that are texts or have a text under \"answer\"", answer);
        }
        var others = new LinkedHashMap<String, JsonNode>();
        record.properties().forEach(field -> others.put(field.getKey(), field.getValue()));
        others.remove("answer");
        return new VqaAnswer(record.path("answer").textValue(), others);
    }

    private static String type(Path path, String id, JsonNode node, String key) {
        var type = node.path(key);
        if (!type.isTextual() && !type.isMissingNode() && !type.isNull()) {
            throw malformed(path, id, "a text under \"" + key + "\"", type);
        }
        return type.asText("");
    }
}
