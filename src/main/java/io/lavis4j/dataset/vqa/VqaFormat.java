package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a record as each data set names them. */
enum VqaFormat {
    /**
     * VQA v2 (arXiv:1612.00837), OK-VQA (arXiv:1906.00067) and Visual Genome's (arXiv:1602.07332): {@code {question_id,
     * image, question, answer}}, where {@code answer} is a list of texts, or one.
     */
    VQA("answer") {
        @Override
        VqaRecord read(Fields record, ImagePaths images) {
            return new VqaRecord(
                    record.id(QUESTION_ID),
                    record.image(IMAGE, images),
                    record.text(QUESTION),
                    answers(record, answerKey()),
                    List.of(),
                    null,
                    Map.of());
        }
    },

    /**
     * A-OKVQA (arXiv:2206.01718): {@code {question_id, image, question, choices, correct_choice_idx, direct_answers,
     * difficult_direct_answer}}. What is difficult is left out of the leaderboard's score of direct answers.
     */
    A_OKVQA("direct_answers") {
        @Override
        VqaRecord read(Fields record, ImagePaths images) {
            var choices = record.texts("choices");
            var difficult = record.get("difficult_direct_answer");
            return new VqaRecord(
                    record.id(QUESTION_ID),
                    record.image(IMAGE, images),
                    record.text(QUESTION),
                    answers(record, answerKey()),
                    choices,
                    correct(record, choices),
                    difficult.isBoolean() ? Map.of("difficult_direct_answer", difficult.asText()) : Map.of());
        }
    },

    /**
     * GQA (arXiv:1902.09506): {@code {question_id, image, question, answer}} as LAVIS has it, or GQA's own object of id
     * to {@code {imageId, question, answer, types}}.
     */
    GQA("answer") {
        @Override
        VqaRecord read(Fields record, ImagePaths images) {
            String id = record.id(record.has(QUESTION_ID) ? QUESTION_ID : "sample_id");
            String image = record.has(IMAGE) ? record.image(IMAGE, images) : imageOfId(record, images);
            var groups = new LinkedHashMap<String, String>();
            if (record.has("types")) {
                var types = record.object("types");
                for (String type : List.of("structural", "semantic")) {
                    put(groups, type, types.textIfPresent(type));
                }
            }
            return new VqaRecord(
                    id, image, record.text(QUESTION), answers(record, answerKey()), List.of(), null, groups);
        }
    };

    static final String QUESTION_ID = "question_id";

    private static final String IMAGE = "image";
    private static final String QUESTION = "question";

    private final String answerKey;

    VqaFormat(String answerKey) {
        this.answerKey = answerKey;
    }

    /** The key of what people answered. */
    String answerKey() {
        return answerKey;
    }

    /** @throws io.lavis4j.dataset.record.FaultyValueException at the first value that cannot be used */
    abstract VqaRecord read(Fields record, ImagePaths images);

    /** Answers, which may be blank: an annotator had nothing to say. */
    private static List<String> answers(Fields record, String key) {
        var node = record.get(key);
        if (node.isMissingNode()) {
            return List.of();
        }
        var answers = new ArrayList<String>();
        for (var answer : node.isArray() ? node : List.of(node)) {
            if (!answer.isTextual() || !JsonText.isWhole(answer.textValue())) {
                throw record.wrong(key, "a list of texts without half surrogate pairs, or one");
            }
            answers.add(answer.textValue());
        }
        return answers;
    }

    private static @Nullable String correct(Fields record, List<String> choices) {
        String key = "correct_choice_idx";
        if (!record.has(key)) {
            return null;
        }
        int index = record.whole(key, 0, "the index of a choice, from 0");
        if (index >= choices.size()) {
            throw record.wrong(key, "less than %d, the number of choices".formatted(choices.size()));
        }
        return choices.get(index);
    }

    private static String imageOfId(Fields record, ImagePaths images) {
        String key = "imageId";
        try {
            return images.relative(record.id(key) + ".jpg");
        } catch (IllegalArgumentException e) {
            throw record.wrong(key, "the name of an image without its ending: " + e.getMessage());
        }
    }

    /** Adds a group where it is known. */
    static void put(Map<String, String> groups, String key, @Nullable String group) {
        if (group != null && !group.isBlank()) {
            groups.put(key, group);
        }
    }
}
