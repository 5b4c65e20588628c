package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.model.CaptioningModel;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A task of LAVIS. Implementations keep no state between calls. */
public interface Task {

    /** The score that chooses the best checkpoint; every evaluation has it. */
    String AGG_METRICS = "agg_metrics";

    /** The loss of a training batch: scalar, float32. */
    Tensor trainStep(CaptioningModel model, Batch batch);

    /** Starts the evaluation of one split. */
    Evaluation evaluate(CaptioningModel model);

    /** The evaluation of one split, batch by batch; no gradients are recorded while it runs. */
    interface Evaluation {

        /** Takes one batch into account; the batch stays the caller's. */
        void step(Batch batch);

        /**
         * Writes the results and scores them.
         *
         * @param directory for result files
         * @param name of the result file, without ending
         * @return scores by name, {@link #AGG_METRICS} among them
         */
        Map<String, Double> finish(Path directory, String name);
    }
}
