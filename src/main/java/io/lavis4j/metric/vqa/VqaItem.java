package io.lavis4j.metric.vqa;

import java.util.List;

/**
 * One question with what was predicted and what people answered.
 *
 * @param id the {@code question_id}, unique in an evaluation
 * @param prediction possibly empty
 * @param answers ten in VQA v2; at least one
 * @param questionType how the question begins, such as {@code what color is}; empty if unknown
 * @param answerType {@code yes/no}, {@code number}, {@code other}; empty if unknown
 */
public record VqaItem(String id, String prediction, List<VqaAnswer> answers, String questionType, String answerType) {

    /** @throws IllegalArgumentException if there is no answer, naming the id */
    public VqaItem {
        if (answers.isEmpty()) {
            throw new IllegalArgumentException(
                    "question %s has no answers; every question needs at least one".formatted(id));
        }
        answers = List.copyOf(answers);
    }
}
