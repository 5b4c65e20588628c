package io.lavis4j.runner;

import io.lavis4j.dataset.BatchLoader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The batches of a run; closing it closes the loaders. */
public final class RunData implements AutoCloseable {

    private final @Nullable BatchLoader training;
    private final Map<String, BatchLoader> evaluation;

    /**
     * The loaders of a run.
     *
     * @param training {@code null} if nothing is trained
     * @param evaluation by split
     */
    public RunData(@Nullable BatchLoader training, Map<String, BatchLoader> evaluation) {
        this.training = training;
        this.evaluation = new LinkedHashMap<>(evaluation);
    }

    BatchLoader training() {
        if (training == null) {
            throw new IllegalStateException("this run was made for evaluation and has no training data");
        }
        return training;
    }

    BatchLoader evaluation(String split) {
        var loader = evaluation.get(split);
        if (loader == null) {
            throw new IllegalArgumentException(
                    "no data for the split \"%s\", only for %s".formatted(split, evaluation.keySet()));
        }
        return loader;
    }

    @Override
    public void close() {
        if (training != null) {
            training.close();
        }
        evaluation.values().forEach(BatchLoader::close);
    }
}
