package io.lavis4j.task;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.TrainableModel;
import java.util.List;
import java.util.Map;

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
    public void requireReferences(Map<String, List<String>> references) {
        if (config.needsReferences()) {
            references.forEach(this::require);
        }
    }

    private void require(String instanceId, List<String> references) {
        if (references.isEmpty()) {
            throw new IllegalArgumentException(
                    "the data set has no references for %s; set run.annotation_file to a file of them in COCO's form, or run.report_metric to False, which writes captions and scores nothing"
                            .formatted(instanceId));
        }
        var lacking = config.textParts().lacking(references);
        if (lacking != null) {
            throw new IllegalArgumentException(
                    "run.text_parts names %s, which the references of %s do not have: %s; choose a data set or mapper that has it, as clue_inference, or leave text_parts out"
                            .formatted(lacking, instanceId, references));
        }
    }

    @Override
    public Evaluation<?> evaluate(BaseModel model) {
        return new CaptionEvaluation(model.as(TrainableModel.class), model.as(CaptionGenerator.class), this);
    }
}
