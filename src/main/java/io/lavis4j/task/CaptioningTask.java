package io.lavis4j.task;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.TrainableModel;
import java.util.List;

/**
 * Captioning: generated texts against references, by BLEU, ROUGE-L and CIDEr; {@code agg_metrics} is CIDEr + Bleu_4.
 *
 * <p>Beside LAVIS's scores there is {@code loss}: the training loss of the references, mean over the samples, for a
 * model that learns answers after their prompts; and where samples belong to groups, the scores of each, named
 * {@code CIDEr[confidence=3]}, and of texts in parts the scores of the other parts, named {@code CIDEr[clue]}. These
 * decide nothing.
 *
 * @param config generation settings
 */
public record CaptioningTask(CaptioningConfig config) implements Task {

    /** The task {@code captioning}. */
    public static final TaskType TYPE = new TaskType(
            "captioning",
            List.of(TrainableModel.class, CaptionGenerator.class),
            run -> new CaptioningTask(CaptioningConfig.read(run)));

    @Override
    public void requireFiles() {
        config.references();
    }

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new CaptionEvaluation(model.as(TrainableModel.class), model.as(CaptionGenerator.class), this);
    }
}
