package io.lavis4j.metric.vqa;

import io.lavis4j.metric.DistinctIds;
import java.util.List;

/** The accuracies of question answering as each data set's evaluation computes them. */
public enum VqaAccuracy {
    /**
     * VQA v2 (Goyal et al., arXiv:1612.00837) and OK-VQA: min(1, equal answers among the other annotators / 3), mean
     * over the annotators. Predictions are normalised; answers only where annotators disagree, and only their
     * punctuation. Percentages have two decimals.
     */
    VQA,

    /** A-OKVQA (Schwenk et al., arXiv:2206.01718), direct answers: min(1, equal answers / 3), without normalisation. */
    AOKVQA,

    /** GQA (Hudson and Manning, arXiv:1902.09506): equality with the answer, both normalised. */
    GQA;

    private static final double AGREEING = 3;

    /**
     * Scores predictions.
     *
     * @throws IllegalArgumentException if there is no item, or if several have the same id, naming those ids
     */
    public VqaScores score(List<VqaItem> items) {
        DistinctIds.require(items.stream().map(VqaItem::id).toList());
        return new VqaScores(items, items.stream().mapToDouble(this::of).toArray(), this == VQA);
    }

    /** The accuracy of one item, 0 to 1. */
    double of(VqaItem item) {
        return switch (this) {
            case VQA -> vqa(item);
            case AOKVQA -> aokvqa(item);
            case GQA -> gqa(item);
        };
    }

    private static double vqa(VqaItem item) {
        var prediction = VqaNormalizer.prediction(item.prediction());
        var answers = item.answers();
        if (answers.stream().map(VqaAnswer::answer).distinct().count() > 1) {
            answers = answers.stream()
                    .map(answer -> new VqaAnswer(VqaNormalizer.punctuation(answer.answer()), answer.others()))
                    .toList();
        }
        double sum = 0;
        for (var annotator : answers) {
            long matches = answers.stream()
                    .filter(other -> !other.equals(annotator) && other.answer().equals(prediction))
                    .count();
            sum += Math.min(1, matches / AGREEING);
        }
        return sum / answers.size();
    }

    private static double aokvqa(VqaItem item) {
        long matches = item.answers().stream()
                .filter(answer -> answer.answer().equals(item.prediction()))
                .count();
        return Math.min(1, matches / AGREEING);
    }

    private static double gqa(VqaItem item) {
        if (item.answers().size() != 1) {
            throw new IllegalArgumentException("question %s has %d answers; GQA's questions have one"
                    .formatted(item.id(), item.answers().size()));
        }
        var answer = VqaNormalizer.both(item.answers().get(0).answer());
        return VqaNormalizer.both(item.prediction()).equals(answer) ? 1 : 0;
    }
}
