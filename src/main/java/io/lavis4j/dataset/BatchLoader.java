package io.lavis4j.dataset;

import io.lavis4j.features.VisionFeatures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches for training or evaluation, epoch by epoch. The same seed gives the same batches, from any batch of any epoch
 * on. Belongs to one thread.
 */
public interface BatchLoader extends AutoCloseable {

    /** How many batches an epoch has; the same in each. */
    int batchesPerEpoch();

    /** How many different samples could not be read so far and were replaced. */
    int brokenSamples();

    /**
     * Which samples have been seen and which could not be read, for a later run over the same data that counts on; an
     * element for each {@link DataLoader}.
     */
    List<byte[]> tallies();

    /**
     * Counts on from what another loader had counted.
     *
     * @throws IllegalArgumentException if that had other parts
     */
    void countOn(List<byte[]> tallies);

    /**
     * Has it load features in place of images where they are kept; ends the epoch that was begun.
     *
     * @param kept stay the caller's; {@code null} for images alone, as in the beginning
     */
    void keep(@Nullable VisionFeatures kept);

    /** Whether all images are the same in each epoch, as {@link EpochSamples#repeatsImages}. */
    boolean repeatsImages();

    /** How many views of images all epochs of all processes have, as {@link EpochSamples#views}. */
    long views(int drawn);

    /** All batches of an epoch; ends the epoch that was begun before. */
    default EpochBatches epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /**
     * The batches of an epoch from one on, as they would have come; ends the epoch that was begun before.
     *
     * @param epoch from 0
     * @param firstBatch from 0 to {@link #batchesPerEpoch()}
     */
    EpochBatches epoch(int epoch, int firstBatch);

    /**
     * Says which epoch comes next: its first batches are loaded once the current epoch has none left to begin with, so
     * that there is no pause between them.
     */
    void expect(int epoch);

    /** Frees what is loaded and ends the workers. */
    @Override
    void close();
}
