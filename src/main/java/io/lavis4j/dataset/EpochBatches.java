package io.lavis4j.dataset;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one epoch, in order. Each is closed by whoever took it; closing this, which its loader does too, frees
 * those that nobody has taken. Belongs to one thread.
 */
public final class EpochBatches implements Iterator<Batch>, AutoCloseable {

    private final Queue<int[]> waiting = new ArrayDeque<>();
    private final Queue<PendingBatch> loading = new ArrayDeque<>();
    private final int ahead;
    private final Device device;
    private final Function<int[], PendingBatch> start;
    private final Consumer<SampleSource.Loaded> tally;

    /**
     * Nothing is loaded before the first batch is asked for.
     *
     * @param batches samples of each batch
     * @param ahead how many batches may be loading while one is used
     */
    EpochBatches(
            List<int[]> batches,
            int ahead,
            Device device,
            Function<int[], PendingBatch> start,
            Consumer<SampleSource.Loaded> tally) {
        waiting.addAll(batches);
        this.ahead = ahead;
        this.device = device;
        this.start = start;
        this.tally = tally;
    }

    @Override
    public boolean hasNext() {
        return !waiting.isEmpty() || !loading.isEmpty();
    }

    /**
     * The next batch; waits until it is loaded.
     *
     * @throws io.lavis4j.processor.BrokenImageException if a picture cannot be read, see {@link LoaderConfig}
     */
    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch is over, or was closed");
        }
        fill(Math.max(1, ahead));
        try (var batch = loading.remove()) {
            fill(ahead);
            var loaded = batch.samples();
            loaded.forEach(tally);
            var samples = loaded.stream().map(SampleSource.Loaded::sample).toList();
            return batch(samples, batch.take(device));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static Batch batch(List<Sample> samples, Tensor image) {
        var prompts = new ArrayList<@Nullable String>(samples.size());
        samples.forEach(sample -> prompts.add(sample.prompt()));
        return new Batch(
                image,
                samples.stream().map(Sample::textInput).toList(),
                prompts,
                samples.stream().map(Sample::instanceId).toList(),
                samples.stream().map(Sample::references).toList(),
                samples.stream().map(Sample::groups).toList());
    }

    private void fill(int count) {
        while (loading.size() < count && !waiting.isEmpty()) {
            loading.add(start.apply(waiting.remove()));
        }
    }

    @Override
    public void close() {
        waiting.clear();
        loading.forEach(PendingBatch::abandon);
        loading.forEach(PendingBatch::close);
        loading.clear();
    }
}
