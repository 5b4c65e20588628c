package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.model.TrainableModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mean losses of one split; no result file is written. */
final class LossEvaluation implements Task.Evaluation {

    private static final Logger LOG = LoggerFactory.getLogger(LossEvaluation.class);
    private static final String LOSS = "loss";

    private final TrainableModel learner;
    private final Task task;
    private final Map<String, Double> sums = new LinkedHashMap<>();
    private long samples;

    LossEvaluation(TrainableModel learner, Task task) {
        this.learner = learner;
        this.task = task;
    }

    @Override
    public void step(Batch batch) {
        try (var scope = new PointerScope()) {
            var losses = task.trainStep(learner, batch);
            add(LOSS, losses.total(), batch.size());
            losses.parts().forEach((name, part) -> add(name, part, batch.size()));
            samples += batch.size();
        }
    }

    private void add(String name, Tensor loss, int B) {
        sums.merge(name, B * loss.item_double(), Double::sum);
    }

    @Override
    public Map<String, Double> finish(Path directory, String name) {
        var scores = new LinkedHashMap<String, Double>();
        sums.forEach((loss, sum) -> scores.put(loss, sum / samples));
        scores.put(Task.AGG_METRICS, Math.exp(-scores.getOrDefault(LOSS, Double.NaN)));
        LOG.info("{}: {} samples, {}", name, samples, scores);
        return scores;
    }
}
