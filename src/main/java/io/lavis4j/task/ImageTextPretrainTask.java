package io.lavis4j.task;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import java.util.List;

/**
 * Pre-training on images and texts: losses alone.
 *
 * <p>Difference from LAVIS, which evaluates nothing: a split for validation has the mean {@code loss} of its samples
 * and its parts, as {@code loss_itc}; {@code agg_metrics} is {@code exp(-loss)}, so that the least loss is the best.
 */
public record ImageTextPretrainTask() implements Task {

    /** The task {@code image_text_pretrain}. */
    public static final TaskType TYPE =
            new TaskType("image_text_pretrain", List.of(TrainableModel.class), run -> new ImageTextPretrainTask());

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new LossEvaluation(model.as(TrainableModel.class), this);
    }
}
