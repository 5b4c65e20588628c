package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.dataset.Share;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TrainableModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A task of LAVIS. Implementations keep no state between calls. */
public interface Task {

    /** The score that chooses the best checkpoint; every evaluation has it. */
    String AGG_METRICS = "agg_metrics";

    /**
     * Reads the files that evaluation will need; called before a model is loaded.
     *
     * @throws IllegalArgumentException if one cannot be used
     */
    default void requireFiles() {}

    /**
     * Looks at the references of a split that it will evaluate; called before a model is loaded.
     *
     * @param references texts by instance id
     * @throws IllegalArgumentException if it cannot use them
     */
    default void requireReferences(Map<String, List<String>> references) {}

    /**
     * Looks at the first sample of a split that it will evaluate; called before a model is loaded.
     *
     * @throws IllegalArgumentException if it cannot use such samples
     */
    default void requireSample(SampleTexts first) {}

    /** The loss of a batch, of the texts as its loader prepared them if it did. */
    default Losses trainStep(TrainableModel model, Batch batch) {
        var prepared = batch.prepared();
        return (prepared == null ? model.prepare(batch.texts()) : prepared).loss(batch.image());
    }

    /**
     * Starts the evaluation of one split.
     *
     * @param model with the abilities that the task's {@link TaskType} needs
     */
    Evaluation<?> evaluate(BaseModel model);

    /**
     * The evaluation of one split, batch by batch; no gradients are recorded while it runs. Of several processes each
     * takes some of the batches, and the first gets the results of all.
     *
     * @param <R> what is found of a batch: a record of numbers, texts, lists, maps and such records, which goes from
     *     process to process as JSON
     */
    interface Evaluation<R extends Record> extends AutoCloseable {

        /** The results of one batch, which stays the caller's. */
        R step(Batch batch);

        /**
         * Results that need all batches, beside those of each: of several processes, which then all have had every
         * batch, each finds a share. By default none.
         *
         * @param share of this process
         */
        default List<R> conclude(Share share) {
            return List.of();
        }

        /** The class of the results of a batch. */
        Class<R> results();

        /**
         * Writes the results and scores them; called in the first process alone.
         *
         * @param batches the results of all batches in their order, and after them those of {@link #conclude}
         * @param directory for result files
         * @param name of the result file, without ending
         * @return scores by name, {@link #AGG_METRICS} among them
         */
        Map<String, Double> finish(List<R> batches, Path directory, String name);

        /** Frees what it keeps of the batches, as a task does that compares them with one another. */
        @Override
        default void close() {}
    }
}
