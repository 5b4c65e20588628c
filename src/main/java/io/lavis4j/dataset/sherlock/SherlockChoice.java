package io.lavis4j.dataset.sherlock;

import io.lavis4j.config.Section;
import java.util.List;

/**
 * Which records are used, and how much each counts.
 *
 * @param minConfidence training records of less, or of unknown confidence, are left out; 0 takes all
 * @param confidenceWeights in the training loss of records that are possible, likely and certain; empty where each
 *     counts as much
 * @param splitIdx the validation splits whose records are evaluated; empty for all records
 */
public record SherlockChoice(double minConfidence, List<Double> confidenceWeights, List<Integer> splitIdx) {

    private static final String WEIGHTS = "confidence_weights";
    private static final String SPLITS = "split_idx";
    private static final int CERTAIN = 3;

    public SherlockChoice {
        confidenceWeights = List.copyOf(confidenceWeights);
        splitIdx = List.copyOf(splitIdx);
    }

    static SherlockChoice read(Section section) {
        var weights = section.numbers(WEIGHTS);
        section.check(
                weights.isEmpty()
                        || (weights.size() == CERTAIN && weights.stream().allMatch(SherlockChoice::isWeight)),
                WEIGHTS,
                "three numbers above 0, for records that are possible, likely and certain");
        var splits = section.numbers(SPLITS);
        section.check(
                splits.stream().allMatch(split -> split >= 0 && split == Math.rint(split)),
                SPLITS,
                "a list of whole numbers from 0");
        return new SherlockChoice(
                section.number("min_confidence", 0),
                weights,
                splits.stream().map(Double::intValue).toList());
    }

    /** Losses are computed in 32 bits. */
    private static boolean isWeight(double weight) {
        return (float) weight > 0 && Float.isFinite((float) weight);
    }

    /** Whether a record is sure enough to be learned. */
    boolean isSure(SherlockRecord record) {
        var confidence = record.confidence();
        return minConfidence <= 0 || (confidence != null && confidence >= minConfidence);
    }

    /** Whether a record is of a validation split that is evaluated; one of none is not, where these are chosen. */
    boolean isEvaluated(SherlockRecord record) {
        var index = record.splitIdx();
        return splitIdx.isEmpty() || (index != null && splitIdx.contains(index));
    }

    /** The weight of a record that is learned; one of unknown confidence counts as possible, a fraction is cut off. */
    double weight(SherlockRecord record) {
        if (confidenceWeights.isEmpty()) {
            return 1;
        }
        var confidence = record.confidence();
        int level = confidence == null ? 1 : Math.max(1, Math.min(CERTAIN, confidence.intValue()));
        return confidenceWeights.get(level - 1);
    }
}
