package io.lavis4j.quickstart;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The results of one run.
 *
 * @param seed of the run
 * @param trainSeconds wall time of the training alone
 * @param losses in the order of the steps; may be empty
 * @param scores of the task, by their names
 * @param trainingInferences every inference of the training split; what validation asks for beyond them is unseen
 * @param answers the validation split as it is
 * @param shuffled the same records, each with another's image and regions
 * @param withoutHighlight the same records with plain images
 */
public record QuickstartResults(
        long seed,
        double trainSeconds,
        List<LossPoint> losses,
        Map<String, Double> scores,
        Set<String> trainingInferences,
        List<Answer> answers,
        List<Answer> shuffled,
        List<Answer> withoutHighlight) {

    public QuickstartResults {
        if (answers.isEmpty() || answers.size() != shuffled.size() || answers.size() != withoutHighlight.size()) {
            throw new IllegalArgumentException(
                    "expected as many answers of each kind, and at least one, got %d, %d with shuffled images, %d without highlight"
                            .formatted(answers.size(), shuffled.size(), withoutHighlight.size()));
        }
        losses = List.copyOf(losses);
        trainingInferences = Set.copyOf(trainingInferences);
        answers = List.copyOf(answers);
        shuffled = List.copyOf(shuffled);
        withoutHighlight = List.copyOf(withoutHighlight);
    }

    /** Whether no training record has this answer's inference. */
    boolean isUnseen(Answer answer) {
        return !trainingInferences.contains(answer.truth());
    }
}
