package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.processor.Questions;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Answers chosen by a model from what each sample has to choose from.
 *
 * @param model that ranks them
 * @param prompt see {@link Questions#answerPrompts}
 * @param segments parts that so many candidates are scored in, to save memory
 * @param advice what to do where a sample has no candidates
 */
record LikeliestCandidates(ClassPredictor model, String prompt, IntUnaryOperator segments, String advice) {

    /**
     * The likeliest candidate of each sample.
     *
     * @return B texts
     * @throws IllegalArgumentException if a sample has no candidates
     */
    List<String> of(Batch batch) {
        var candidates = batch.samples().stream().map(SampleTexts::candidates).toList();
        int most = 0;
        for (int b = 0; b < candidates.size(); b++) {
            most = Math.max(most, candidates.get(b).size());
            require(batch.samples().get(b), advice);
        }
        var prompts = questions(batch).answerPrompts(prompt);
        int[][] order = model.predictOwnClass(batch.image(), prompts, candidates, segments.applyAsInt(most));
        return IntStream.range(0, order.length)
                .mapToObj(b -> candidates.get(b).get(order[b][0]))
                .toList();
    }

    /** @throws IllegalArgumentException if a sample has no candidates */
    static void require(SampleTexts sample, String advice) {
        if (sample.candidates().isEmpty()) {
            throw new IllegalArgumentException(
                    "sample %s has no candidates to choose from; %s".formatted(sample.instanceId(), advice));
        }
    }

    /** The texts of a batch that go into prompts. */
    static Questions questions(Batch batch) {
        var questions = Questions.of(
                batch.samples().stream().map(SampleTexts::textInput).toList());
        var choices = batch.samples().stream().map(SampleTexts::candidates).toList();
        return choices.stream().allMatch(List::isEmpty) ? questions : questions.withChoices(choices);
    }
}
