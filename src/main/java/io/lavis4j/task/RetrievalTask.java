package io.lavis4j.task;

import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.SimilarityRanker;
import java.util.List;
import java.util.Map;

/**
 * Retrieval of images and texts for one another, by recall: each image of a split is compared with the references of
 * all its samples, and each reference with all images. {@code agg_metrics} is the mean recall of texts.
 *
 * <p>Every process encodes the whole split, so {@code use_dist_eval_sampler} must be false, as in LAVIS; each then
 * scores every W-th image and text.
 *
 * @param kTest key {@code k_test}, 128 by default: how many texts of an image, and images of a text, are scored by
 *     matching, the nearest by cosine
 */
public record RetrievalTask(int kTest) implements Task {

    private static final String SAMPLER = "use_dist_eval_sampler";

    /** The task {@code retrieval}. */
    public static final TaskType TYPE = new TaskType("retrieval", List.of(SimilarityRanker.class), RetrievalTask::read);

    private static RetrievalTask read(Section run) {
        int kTest = run.integer("k_test", 128);
        run.check(kTest >= 1, "k_test", "at least 1");
        run.check(
                !run.flag(SAMPLER, true),
                SAMPLER,
                "False, as retrieval compares all images of a split with all its texts in each process");
        return new RetrievalTask(kTest);
    }

    @Override
    public void requireReferences(Map<String, List<String>> references) {
        references.forEach((instanceId, texts) -> {
            if (texts.isEmpty()) {
                throw new IllegalArgumentException(
                        "sample %s has no texts that it can be found by; retrieval expects one or more, as those of coco_retrieval"
                                .formatted(instanceId));
            }
        });
    }

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new RetrievalEvaluation(model.as(SimilarityRanker.class).comparison(kTest));
    }
}
