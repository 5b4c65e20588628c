package io.lavis4j.dataset;

import io.lavis4j.features.VisionFeatures;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a data set on a device, loaded by worker threads ahead of their use. The same seed gives the same batches
 * whatever the number of workers, from any batch of any epoch on.
 *
 * <p>Belongs to one thread, which makes and frees every tensor.
 */
public final class DataLoader implements BatchLoader {

    private final EpochSamples samples;
    private final LoaderConfig config;
    private final DeviceCopy copy;
    private final @Nullable Function<Texts, Prepared> prepare;
    private final BrokenTally tally;
    private final @Nullable ExecutorService workers;
    private @Nullable LoadingBatches current;
    private @Nullable LoadingBatches upcoming;
    private @Nullable VisionFeatures features;
    private int expected = -1;
    private boolean closed;

    /**
     * A loader over the samples of {@link Source#samples}.
     *
     * @param config the same that the samples are of
     * @param device that batches are put on
     * @param prepare makes {@link Batch#prepared()}: {@code model::prepare}; {@code null} to leave that out
     */
    public DataLoader(
            EpochSamples samples, LoaderConfig config, Device device, @Nullable Function<Texts, Prepared> prepare) {
        this.samples = samples;
        this.config = config;
        this.prepare = prepare;
        tally = new BrokenTally(config.maxBrokenShare());
        if (batchesPerEpoch() == 0 && config.share().world() == 1) { // a share of few batches may be none
            throw new IllegalArgumentException("data set %s gives %d samples per epoch, too few for a batch of %d: %s"
                    .formatted(
                            samples.name(),
                            samples.size(),
                            config.batchSize(),
                            "use a smaller batch, or keep the last one"));
        }
        copy = DeviceCopy.to(device);
        workers = config.numWorkers() == 0 ? null : Executors.newFixedThreadPool(config.numWorkers(), threads());
    }

    /**
     * A loader with an order of its own, for instance the reference's.
     *
     * @param order takes the place of {@link LoaderConfig#shuffle()}
     * @param device that batches are put on
     */
    public DataLoader(SampleSource source, EpochOrder order, LoaderConfig config, Device device) {
        this(new MapSamples(List.of(source), order, config), config, device, null);
    }

    /** A loader whose order is that of {@code config}. */
    public DataLoader(SampleSource source, LoaderConfig config, Device device) {
        this(List.of(source), config, device, null);
    }

    /**
     * A loader over data sets one after the other, whose order is that of {@code config}.
     *
     * @param sources whose images are of one size
     * @param device that batches are put on
     * @param prepare makes {@link Batch#prepared()}: {@code model::prepare}; {@code null} to leave that out
     */
    public DataLoader(
            List<SampleSource> sources,
            LoaderConfig config,
            Device device,
            @Nullable Function<Texts, Prepared> prepare) {
        this(MapSamples.of(sources, config), config, device, prepare);
    }

    /**
     * A loader over one data set, whose samples come in the order of {@code config} as far as it can make it.
     *
     * @param device that batches are put on
     * @param prepare makes {@link Batch#prepared()}: {@code model::prepare}; {@code null} to leave that out
     */
    public DataLoader(Source source, LoaderConfig config, Device device, @Nullable Function<Texts, Prepared> prepare) {
        this(source.samples(config), config, device, prepare);
    }

    @Override
    public int batchesPerEpoch() {
        long whole = samples.size() / config.batchSize();
        return Math.toIntExact(config.dropLast() || samples.size() % config.batchSize() == 0 ? whole : whole + 1);
    }

    @Override
    public int brokenSamples() {
        return tally.count();
    }

    @Override
    public List<byte[]> tallies() {
        return List.of(tally.bytes());
    }

    @Override
    public void countOn(List<byte[]> tallies) {
        if (tallies.size() != 1) {
            throw new IllegalArgumentException(
                    "expected the count of broken samples of one data set, got %d".formatted(tallies.size()));
        }
        tally.countOn(tallies.get(0));
    }

    @Override
    public void keep(@Nullable VisionFeatures kept) {
        end();
        features = kept;
    }

    @Override
    public boolean repeatsImages() {
        return samples.repeatsImages();
    }

    @Override
    public long views(int drawn) {
        return samples.views(drawn);
    }

    @Override
    public EpochBatches epoch(int epoch, int firstBatch) {
        if (closed) {
            throw new IllegalStateException("this loader has been closed");
        }
        if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
            throw new IllegalArgumentException(
                    "expected a first batch from 0 to %d, got %d".formatted(batchesPerEpoch(), firstBatch));
        }
        var begun = epoch == expected && firstBatch == 0 ? upcoming : null;
        if (begun != null) {
            upcoming = null;
        }
        end();
        begun = begun == null ? begin(epoch, firstBatch) : begun;
        current = begun;
        return begun;
    }

    private LoadingBatches begin(int epoch, int firstBatch) {
        long first = (long) firstBatch * config.batchSize();
        var loads = samples.epoch(epoch, first, workers);
        var batches = new Iterator<PendingBatch>() {
            private int next = firstBatch;

            @Override
            public boolean hasNext() {
                return next < batchesPerEpoch();
            }

            @Override
            public PendingBatch next() {
                next++;
                var batch = new ArrayList<EpochSamples.Load>(config.batchSize());
                while (batch.size() < config.batchSize() && loads.hasNext()) {
                    batch.add(loads.next());
                }
                return new PendingBatch(
                        batch, samples.imageSize(), config.imagePrecision(), copy.pinned(), workers, prepare, features);
            }
        };
        return new LoadingBatches(batches, ahead(), copy, tally::add, this::beginExpected);
    }

    @Override
    public void expect(int epoch) {
        if (upcoming != null) {
            upcoming.close();
            upcoming = null;
        }
        expected = epoch;
    }

    private void beginExpected(int count) {
        if (expected < 0) {
            return;
        }
        if (upcoming == null) {
            upcoming = begin(expected, 0);
        }
        upcoming.fill(count);
    }

    /** Frees what is loading. */
    private void end() {
        expected = -1;
        if (current != null) {
            current.close();
            current = null;
        }
        if (upcoming != null) {
            upcoming.close();
            upcoming = null;
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        end();
        if (workers != null) {
            workers.shutdown();
        }
        copy.close();
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
