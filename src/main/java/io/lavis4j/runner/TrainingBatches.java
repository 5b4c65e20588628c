package io.lavis4j.runner;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.EpochBatches;
import org.jspecify.annotations.Nullable;

/** The batches of a run in their order, across the epochs of its data; from any of them on. */
final class TrainingBatches implements AutoCloseable {

    private final BatchLoader loader;
    private final long end;
    private long next;
    private @Nullable EpochBatches open;

    /**
     * Nothing is loaded before the first batch is asked for.
     *
     * @param loader stays the caller's
     * @param first number of the first batch, from 0
     * @param end number after that of the last
     */
    TrainingBatches(BatchLoader loader, long first, long end) {
        this.loader = loader;
        this.next = first;
        this.end = end;
    }

    /** The next batch, which the caller closes; waits until it is loaded. */
    Batch next() {
        var batches = open;
        if (batches == null || !batches.hasNext()) {
            int perEpoch = loader.batchesPerEpoch();
            int epoch = Math.toIntExact(next / perEpoch);
            batches = loader.epoch(epoch, (int) (next % perEpoch));
            if ((epoch + 1L) * perEpoch < end) {
                loader.expect(epoch + 1);
            }
            open = batches;
        }
        next++;
        return batches.next();
    }

    BatchLoader loader() {
        return loader;
    }

    /** Frees what is loaded of the epoch that was begun. */
    @Override
    public void close() {
        if (open != null) {
            open.close();
        }
    }
}
