package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.model.TrainableModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mean losses of one split; no result file is written. */
final class LossEvaluation implements Task.Evaluation<LossEvaluation.Means> {

    private static final Logger LOG = LoggerFactory.getLogger(LossEvaluation.class);
    private static final String LOSS = "loss";

    private final TrainableModel learner;
    private final Task task;

    /**
     * The losses of a batch.
     *
     * @param samples B
     * @param losses mean losses by name
     */
    record Means(int samples, Map<String, Double> losses) {}

    LossEvaluation(TrainableModel learner, Task task) {
        this.learner = learner;
        this.task = task;
    }

    @Override
    public Means step(Batch batch) {
        try (var scope = new PointerScope()) {
            var found = task.trainStep(learner, batch);
            var losses = new LinkedHashMap<String, Double>();
            losses.put(LOSS, found.total().item_double());
            found.parts().forEach((name, part) -> losses.put(name, part.item_double()));
            return new Means(batch.size(), losses);
        }
    }

    @Override
    public Class<Means> results() {
        return Means.class;
    }

    @Override
    public Map<String, Double> finish(List<Means> batches, Path directory, String name) {
        var scores = new LinkedHashMap<String, Double>();
        long samples = 0;
        for (var batch : batches) {
            samples += batch.samples();
            batch.losses().forEach((loss, mean) -> scores.merge(loss, batch.samples() * mean, Double::sum));
        }
        long all = samples;
        scores.replaceAll((loss, sum) -> sum / all);
        scores.put(Task.AGG_METRICS, Math.exp(-scores.getOrDefault(LOSS, Double.NaN)));
        LOG.info("{}: {} samples, {}", name, samples, scores);
        return scores;
    }
}
