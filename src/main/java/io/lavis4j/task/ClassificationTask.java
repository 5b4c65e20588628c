package io.lavis4j.task;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.ClassPredictor;
import java.util.List;

/**
 * Classification: the likeliest of a sample's candidates against its label, which is its answer, or its reference where
 * it has none. {@code acc} and {@code agg_metrics} are shares from 0 to 1, as in LAVIS.
 *
 * <p>Difference from LAVIS: the prompt is the run's, which may have a place for the sample's question, and not the
 * sample's; what some of its models take to write a label, {@code max_len} and such, is not read.
 *
 * @param prompt see {@link io.lavis4j.processor.Questions#answerPrompts}
 * @param segments parts that the candidates are scored in, to save memory
 */
public record ClassificationTask(String prompt, int segments) implements Task {

    /** The task {@code multimodal_classification}. */
    public static final TaskType TYPE =
            new TaskType("multimodal_classification", List.of(ClassPredictor.class), ClassificationTask::read);

    private static final String ADVICE = "expected a data set of samples with labels to choose from";

    private static ClassificationTask read(Section run) {
        String prompt = VqaConfig.prompt(run);
        int segments = run.integer("segments", 1);
        run.check(segments >= 1, "segments", "at least 1");
        return new ClassificationTask(prompt, segments);
    }

    @Override
    public void requireSample(SampleTexts first) {
        LikeliestCandidates.require(first, ADVICE);
    }

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new ClassificationEvaluation(
                new LikeliestCandidates(model.as(ClassPredictor.class), prompt, candidates -> segments, ADVICE));
    }
}
