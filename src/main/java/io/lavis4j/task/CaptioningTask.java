package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.model.CaptioningModel;
import org.bytedeco.pytorch.Tensor;

/**
 * Captioning: generated texts against references, by BLEU, ROUGE-L and CIDEr; {@code agg_metrics} is CIDEr + Bleu_4.
 *
 * <p>Beside LAVIS's scores there is {@code loss}: the training loss of the references, mean over the samples; and where
 * samples belong to groups, the scores of each, named {@code CIDEr[confidence=3]}. These decide nothing.
 */
public final class CaptioningTask implements Task {

    private final CaptioningConfig config;

    /** The task with its generation settings. */
    public CaptioningTask(CaptioningConfig config) {
        this.config = config;
    }

    @Override
    public Tensor trainStep(CaptioningModel model, Batch batch) {
        return model.forward(batch.image(), batch.textInput());
    }

    @Override
    public Evaluation evaluate(CaptioningModel model) {
        return new CaptionEvaluation(model, config);
    }
}
