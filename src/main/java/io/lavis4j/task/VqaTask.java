package io.lavis4j.task;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.ClassPredictor;
import java.util.List;
import java.util.Locale;

/**
 * Visual question answering: answers by the rules of a benchmark, in the file that its leaderboard takes.
 *
 * <p>Scores are percentages: {@code accuracy}, which is {@code agg_metrics} too, of VQA v2 each answer type's under its
 * name, as {@code yes/no}, of A-OKVQA's choices {@code multiple_choice}, and those of groups, named
 * {@code accuracy[question_type=what is]}. Where answers are secret there is none, and {@code agg_metrics} is 0.
 *
 * <p>Differences from LAVIS: it names the accuracy of GQA and A-OKVQA {@code acc}, chooses no answer of A-OKVQA's,
 * whose questions it asks without the prompt, and writes GQA's results with the right answers beside them.
 *
 * @param benchmark whose rules hold
 * @param config how answers are found
 */
public record VqaTask(Benchmark benchmark, VqaConfig config) implements Task {

    /** The tasks {@code vqa}, {@code gqa} and {@code aok_vqa}. */
    public static final List<TaskType> TYPES = List.of(
            type(Benchmark.VQA, List.of(AnswerPredictor.class)),
            type(Benchmark.GQA, List.of(AnswerPredictor.class)),
            type(Benchmark.AOK_VQA, List.of(AnswerPredictor.class, ClassPredictor.class)));

    private static TaskType type(Benchmark benchmark, List<Class<? extends BaseModel>> needs) {
        return new TaskType(
                benchmark.name().toLowerCase(Locale.ROOT), needs, run -> new VqaTask(benchmark, read(run, benchmark)));
    }

    private static VqaConfig read(Section run, Benchmark benchmark) {
        var config = VqaConfig.read(run);
        run.check(
                !benchmark.hasChoices() || config.inferenceMethod() == InferenceMethod.GENERATE,
                "inference_method",
                "generate: direct answers are written, and choices are ranked anyway");
        return config;
    }

    @Override
    public void requireFiles() {
        config.requireFiles();
    }

    @Override
    public void requireSample(SampleTexts first) {
        if (benchmark.hasChoices() || config.inferenceMethod() == InferenceMethod.RANK) {
            LikeliestCandidates.require(first, benchmark.adviceWithoutCandidates());
        }
    }

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new VqaEvaluation(model, benchmark, config);
    }
}
