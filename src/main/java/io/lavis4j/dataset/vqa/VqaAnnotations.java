package io.lavis4j.dataset.vqa;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.record.FaultyValueException;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.Listing;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The answers of VQA's own file: an object with {@code annotations}, a list of {@code {question_id, answers: [{answer},
 * ...], question_type, answer_type}}.
 *
 * @param file that they were read from
 * @param byQuestion by question id
 */
record VqaAnnotations(Path file, Map<String, Annotation> byQuestion) {

    private static final String ANNOTATIONS = "annotations";
    private static final String QUESTIONS = "questions";

    /**
     * What people answered to a question.
     *
     * @param answers at least one
     * @param groups {@code question_type} and {@code answer_type}, as far as they are known
     */
    record Annotation(List<String> answers, Map<String, String> groups) {}

    /** @throws AnnotationException if the file cannot be read or has another form, naming the place */
    static VqaAnnotations read(Path file) {
        var annotations = new HashMap<String, Annotation>();
        var shared = new SharedTexts();
        each(file, ANNOTATIONS, record -> {
            String id = record.id(VqaFormat.QUESTION_ID);
            if (annotations.put(id, annotation(record, shared)) != null) {
                throw record.wrong(VqaFormat.QUESTION_ID, "one of its own, because answers are found by it");
            }
        });
        return new VqaAnnotations(file, annotations);
    }

    /** The ids of VQA's own file of questions: an object with {@code questions}, a list of {@code {question_id}}. */
    private static Collection<String> questions(Path file) {
        var ids = new HashSet<String>();
        each(file, QUESTIONS, record -> ids.add(record.id(VqaFormat.QUESTION_ID)));
        return ids;
    }

    private static void each(Path file, String list, Consumer<Fields> consumer) {
        String expected = "an object with a list under \"%s\", as VQA publishes it".formatted(list);
        int count;
        try {
            count = JsonFile.of(file, expected).elements(list, (node, index) -> take(file, node, index, consumer));
        } catch (UncheckedIOException e) {
            throw new AnnotationException(e);
        }
        if (count == 0) {
            throw new AnnotationException(
                    "%s has nothing under \"%s\"; expected %s".formatted(file.toAbsolutePath(), list, expected));
        }
    }

    private static void take(Path file, JsonNode node, int index, Consumer<Fields> consumer) {
        try {
            consumer.accept(Fields.of(node));
        } catch (FaultyValueException e) {
            throw new AnnotationException("%s: %s".formatted(file.toAbsolutePath(), e.at("record " + index, null)));
        }
    }

    private static Annotation annotation(Fields record, SharedTexts shared) {
        var answers = new ArrayList<String>();
        for (var answer : record.objects("answers", "a list of one or more objects with an answer")) {
            String text = answer.textIfPresent("answer");
            if (text == null) {
                throw answer.wrong("answer", "a text");
            }
            answers.add(shared.of(text));
        }
        if (answers.stream().allMatch(String::isBlank)) {
            throw record.wrong("answers", "a list with an answer that is not blank");
        }
        var groups = new LinkedHashMap<String, String>();
        for (String key : List.of("question_type", "answer_type")) {
            String type = record.textIfPresent(key);
            VqaFormat.put(groups, key, type == null ? null : shared.of(type));
        }
        return new Annotation(answers, groups);
    }

    /**
     * Records with these answers.
     *
     * @param asked file of the records
     * @param all whether there must be no other answers
     * @throws AnnotationException if the ids are not the same, naming them
     */
    List<VqaRecord> joined(Path asked, List<VqaRecord> records, boolean all) {
        var ids = records.stream().map(VqaRecord::questionId).toList();
        requireAll(asked, ids, file, byQuestion.keySet());
        if (all) {
            requireAll(file, byQuestion.keySet(), asked, ids);
        }
        return records.stream()
                .flatMap(record -> Stream.ofNullable(byQuestion.get(record.questionId()))
                        .map(annotation -> record.with(annotation.answers(), annotation.groups())))
                .toList();
    }

    /** @throws AnnotationException if VQA's own file of questions has others, naming the ids */
    void requireSame(Path questions) {
        var ids = questions(questions);
        requireAll(questions, ids, file, byQuestion.keySet());
        requireAll(file, byQuestion.keySet(), questions, ids);
    }

    private static void requireAll(Path there, Collection<String> ids, Path absent, Collection<String> others) {
        var known = new HashSet<>(others);
        var lacking = ids.stream().filter(id -> !known.contains(id)).toList();
        if (!lacking.isEmpty()) {
            throw new AnnotationException(
                    "%d question ids of %s are not in %s: %s. Both files need the same ids, or the accuracy is of something else."
                            .formatted(
                                    lacking.size(),
                                    there.toAbsolutePath(),
                                    absent.toAbsolutePath(),
                                    Listing.ofIds(lacking)));
        }
    }
}
