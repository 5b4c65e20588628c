package io.lavis4j.dataset;

import java.util.Iterator;

/**
 * The batches of one epoch, in order. Each is closed by whoever took it; closing this, which its loader does too, frees
 * those that nobody has taken. Belongs to one thread.
 */
public interface EpochBatches extends Iterator<Batch>, AutoCloseable {

    /**
     * The next batch; waits until it is loaded.
     *
     * @throws io.lavis4j.image.BrokenImageException if a sample cannot be read, see {@link LoaderConfig}
     */
    @Override
    Batch next();

    @Override
    void close();
}
