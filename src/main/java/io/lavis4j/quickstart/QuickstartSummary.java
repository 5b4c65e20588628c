package io.lavis4j.quickstart;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The figures of a run; shares are of 1.
 *
 * @param records of the validation split
 * @param exactMatch records whose inference is generated word for word
 * @param exactMatchShuffledImages the same with another record's image and regions
 * @param exactMatchWithoutHighlight the same with plain images
 * @param exactMatchUnseenPairs the same of the records whose inference occurs in no training record; NaN without any
 * @param unseenPairs inferences of the split that occur in no training record, as a share of its distinct ones
 * @param distinctInferences of the split
 * @param largestInferenceShare records that have the most frequent of them
 * @param distinctGenerated inferences that the model has made
 * @param largestGeneratedShare records for which it has made the most frequent of them
 */
record QuickstartSummary(
        int records,
        double exactMatch,
        double exactMatchShuffledImages,
        double exactMatchWithoutHighlight,
        double exactMatchUnseenPairs,
        double unseenPairs,
        int distinctInferences,
        double largestInferenceShare,
        int distinctGenerated,
        double largestGeneratedShare) {

    static QuickstartSummary of(QuickstartResults results) {
        var answers = results.answers();
        var unseen = answers.stream().filter(results::isUnseen).toList();
        long unseenInferences = unseen.stream().map(Answer::truth).distinct().count();
        int distinct = distinct(answers, Answer::truth);
        return new QuickstartSummary(
                answers.size(),
                exactMatch(answers),
                exactMatch(results.shuffled()),
                exactMatch(results.withoutHighlight()),
                exactMatch(unseen),
                (double) unseenInferences / distinct,
                distinct,
                largestShare(answers, Answer::truth),
                distinct(answers, Answer::generated),
                largestShare(answers, Answer::generated));
    }

    private static double exactMatch(List<Answer> answers) {
        return share(answers, Answer::isRight);
    }

    private static double share(List<Answer> answers, Predicate<Answer> of) {
        return (double) answers.stream().filter(of).count() / answers.size();
    }

    private static int distinct(List<Answer> answers, Function<Answer, String> text) {
        return Math.toIntExact(answers.stream().map(text).distinct().count());
    }

    private static double largestShare(List<Answer> answers, Function<Answer, String> text) {
        var counts = answers.stream().collect(Collectors.groupingBy(text, Collectors.counting()));
        return (double) Collections.max(counts.values()) / answers.size();
    }

    ObjectNode json(QuickstartResults results) {
        var json = JsonNodeFactory.instance
                .objectNode()
                .put("seed", results.seed())
                .put("records", records)
                .put("exact_match", exactMatch)
                .put("exact_match_shuffled_pictures", exactMatchShuffledImages)
                .put("exact_match_without_highlight", exactMatchWithoutHighlight);
        if (Double.isNaN(exactMatchUnseenPairs)) {
            json.putNull("exact_match_unseen_pairs");
        } else {
            json.put("exact_match_unseen_pairs", exactMatchUnseenPairs);
        }
        json.put("unseen_pairs", unseenPairs)
                .put("distinct_inferences", distinctInferences)
                .put("largest_inference_share", largestInferenceShare)
                .put("distinct_generated", distinctGenerated)
                .put("largest_generated_share", largestGeneratedShare)
                .put("train_seconds", results.trainSeconds());
        var scores = json.putObject("scores");
        results.scores().forEach(scores::put);
        return json;
    }
}
