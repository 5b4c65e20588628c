package io.lavis4j.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a data set on a device, loaded by worker threads ahead of their use. The same seed gives the same batches
 * whatever the number of workers, from any batch of any epoch on.
 *
 * <p>Belongs to one thread, which makes and frees every tensor.
 */
public final class DataLoader implements AutoCloseable {

    private final SampleSource source;
    private final EpochOrder order;
    private final LoaderConfig config;
    private final Device device;
    private final BrokenTally tally;
    private final @Nullable ExecutorService workers;
    private @Nullable EpochBatches current;
    private boolean closed;

    /**
     * A loader with an order of its own, for instance the reference's.
     *
     * @param order takes the place of {@link LoaderConfig#shuffle()}
     * @param device where batches are put
     */
    public DataLoader(SampleSource source, EpochOrder order, LoaderConfig config, Device device) {
        this.source = source;
        this.order = order;
        this.config = config;
        this.device = device;
        tally = new BrokenTally(config.maxBrokenShare());
        if (batchesPerEpoch() == 0) {
            throw new IllegalArgumentException("data set %s gives %d samples per epoch, too few for a batch of %d: %s"
                    .formatted(
                            source.dataset().name(),
                            order.size(),
                            config.batchSize(),
                            "use a smaller batch, or keep the last one"));
        }
        workers = config.numWorkers() == 0 ? null : Executors.newFixedThreadPool(config.numWorkers(), threads());
    }

    /** A loader whose order is that of {@code config}. */
    public DataLoader(SampleSource source, LoaderConfig config, Device device) {
        this(
                source,
                config.shuffle()
                        ? EpochOrder.shuffled(source.dataset().size(), config.seed(), source.draws())
                        : EpochOrder.sequential(source.dataset().size()),
                config,
                device);
    }

    /** How many batches an epoch has. */
    public int batchesPerEpoch() {
        int whole = order.size() / config.batchSize();
        return config.dropLast() || order.size() % config.batchSize() == 0 ? whole : whole + 1;
    }

    /** How many different samples could not be read so far and were replaced. */
    public int brokenSamples() {
        return tally.count();
    }

    /** All batches of an epoch; ends the epoch that was begun before. */
    public EpochBatches epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /**
     * The batches of an epoch from one on, as they would have come; ends the epoch that was begun before.
     *
     * @param epoch from 0
     * @param firstBatch from 0 to {@link #batchesPerEpoch()}
     */
    public EpochBatches epoch(int epoch, int firstBatch) {
        if (closed) {
            throw new IllegalStateException("this loader has been closed");
        }
        if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
            throw new IllegalArgumentException(
                    "expected a first batch from 0 to %d, got %d".formatted(batchesPerEpoch(), firstBatch));
        }
        if (current != null) {
            current.close();
        }
        int[] samples = order.of(epoch);
        int B = config.batchSize();
        var batches = new ArrayList<int[]>();
        for (int i = firstBatch; i < batchesPerEpoch(); i++) {
            batches.add(Arrays.copyOfRange(samples, i * B, Math.min((i + 1) * B, samples.length)));
        }
        var begun = new EpochBatches(
                batches,
                ahead(),
                device,
                indices -> new PendingBatch(
                        indices,
                        source.imageProcessor().imageSize(),
                        config.imagePrecision(),
                        device,
                        workers,
                        (index, place) -> source.load(config, epoch, index, place)),
                tally::add);
        current = begun;
        return begun;
    }

    /** Frees what is loaded and ends the workers. */
    @Override
    public void close() {
        closed = true;
        if (current != null) {
            current.close();
        }
        if (workers != null) {
            workers.shutdown();
        }
    }

    /** Batches loading while one is used: two samples for each worker, and at least two batches. */
    private int ahead() {
        return config.numWorkers() == 0 ? 0 : Math.max(2, 1 + 2 * config.numWorkers() / config.batchSize());
    }

    private static ThreadFactory threads() {
        var number = new AtomicInteger();
        return work -> {
            var thread = new Thread(work, "loader-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
