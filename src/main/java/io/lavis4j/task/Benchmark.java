package io.lavis4j.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.metric.vqa.VqaAccuracy;
import java.util.Collection;

/** The benchmarks of question answering: how each counts, and the file that its leaderboard takes. */
public enum Benchmark {
    /** VQA v2 and OK-VQA: {@code [{question_id, answer}]}. */
    VQA(VqaAccuracy.VQA) {
        @Override
        JsonNode results(Collection<VqaEvaluation.Answered> answers) {
            var rows = JsonNodeFactory.instance.arrayNode();
            for (var answered : answers) {
                var row = rows.addObject();
                number(row, "question_id", answered.questionId());
                row.put("answer", answered.answer());
            }
            return rows;
        }
    },

    /** GQA: {@code [{questionId, prediction}]}. */
    GQA(VqaAccuracy.GQA) {
        @Override
        JsonNode results(Collection<VqaEvaluation.Answered> answers) {
            var rows = JsonNodeFactory.instance.arrayNode();
            for (var answered : answers) {
                rows.addObject().put("questionId", answered.questionId()).put("prediction", answered.answer());
            }
            return rows;
        }
    },

    /** A-OKVQA: <code>{question_id: {direct_answer, multiple_choice}}</code>. */
    AOK_VQA(VqaAccuracy.AOKVQA) {
        @Override
        JsonNode results(Collection<VqaEvaluation.Answered> answers) {
            var results = JsonNodeFactory.instance.objectNode();
            for (var answered : answers) {
                results.putObject(answered.questionId())
                        .put("direct_answer", answered.answer())
                        .put("multiple_choice", answered.choice());
            }
            return results;
        }
    };

    private final VqaAccuracy accuracy;

    Benchmark(VqaAccuracy accuracy) {
        this.accuracy = accuracy;
    }

    VqaAccuracy accuracy() {
        return accuracy;
    }

    /** Whether each question is answered by one of its choices, too. */
    boolean hasChoices() {
        return this == AOK_VQA;
    }

    /** The leaderboard's file. */
    abstract JsonNode results(Collection<VqaEvaluation.Answered> answers);

    /** As LAVIS has it: an id of digits becomes a number. */
    private static void number(ObjectNode row, String key, String id) {
        if (id.matches("-?\\d{1,18}")) {
            row.put(key, Long.parseLong(id));
        } else {
            row.put(key, id);
        }
    }

    /** What to do where a question has no candidates to choose from. */
    String adviceWithoutCandidates() {
        return hasChoices()
                ? "expected a data set of questions with choices, as aok_vqa"
                : "give its split an answer list in build_info.annotations, or set run.inference_method to generate";
    }
}
