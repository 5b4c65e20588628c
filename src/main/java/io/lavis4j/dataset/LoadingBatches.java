package io.lavis4j.dataset;

import io.lavis4j.features.KeptFeatures;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.tensor.Trace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Batches of a {@link DataLoader}: a bounded number is loading while one is used. */
final class LoadingBatches implements EpochBatches {

    private final Iterator<PendingBatch> waiting;
    private final Deque<PendingBatch> loading = new ArrayDeque<>();
    private final int ahead;
    private final DeviceCopy copy;
    private final Consumer<LoadedSample> tally;
    private final IntConsumer drained;
    private boolean closed;

    /**
     * Nothing is loaded before the first batch is asked for.
     *
     * @param waiting starts a batch when its next is taken
     * @param ahead how many batches may be loading while one is used
     * @param drained is told how many more might be loading when none is waiting any more
     */
    LoadingBatches(
            Iterator<PendingBatch> waiting,
            int ahead,
            DeviceCopy copy,
            Consumer<LoadedSample> tally,
            IntConsumer drained) {
        this.waiting = waiting;
        this.ahead = ahead;
        this.copy = copy;
        this.tally = tally;
        this.drained = drained;
    }

    @Override
    public boolean hasNext() {
        return !closed && (!loading.isEmpty() || waiting.hasNext());
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over, or was closed");
        }
        try {
            fill(Math.max(1, ahead));
            try (var batch = loading.remove()) {
                refill();
                var samples = batch.samples();
                samples.forEach(tally);
                var prepared = batch.prepared();
                var image = collated(batch);
                var following = loading.peek();
                if (following != null) {
                    following.copyIfLoaded(copy);
                }
                return batch(samples, prepared, image, batch.kept());
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The images on the device, (B, 3, S, S). */
    private Tensor collated(PendingBatch batch) {
        try (var span = Trace.span("collate")) {
            return batch.take(copy);
        }
    }

    private static Batch batch(
            List<LoadedSample> samples, @Nullable Prepared prepared, Tensor image, @Nullable KeptFeatures kept) {
        var texts = samples.stream().map(LoadedSample::texts).toList();
        return new Batch(image, Batch.learned(texts), prepared, texts, kept);
    }

    /** Starts batches until {@code count} are loading or the epoch has no more. */
    void fill(int count) {
        while (loading.size() < count && waiting.hasNext()) {
            loading.add(waiting.next());
        }
    }

    private void refill() {
        fill(ahead);
        if (loading.size() < ahead) {
            drained.accept(ahead - loading.size());
        }
    }

    @Override
    public void close() {
        closed = true;
        loading.forEach(PendingBatch::abandon);
        loading.forEach(PendingBatch::close);
        loading.clear();
    }
}
