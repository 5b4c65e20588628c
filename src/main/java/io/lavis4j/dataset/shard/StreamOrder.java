package io.lavis4j.dataset.shard;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.Awaited;
import io.lavis4j.dataset.EpochOrder;
import io.lavis4j.dataset.LoadedSample;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.Share;
import io.lavis4j.processor.SampleRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The order of a process's samples in one epoch, without an end: pass after pass over its shards, whose order is drawn
 * for each pass, through a buffer that samples are drawn from. A function of (seed, epoch, rank).
 */
final class StreamOrder implements Iterator<StreamOrder.Place> {

    /** The draws of orders of shards, the same for every process; those of buffers follow, one number for each. */
    private static final long SHARDS = -1;

    private static final long BUFFERS = -2;

    /** Shards whose headers are read before they are needed. */
    private static final int AHEAD = 2;

    /** Samples of a shard are numbered from a multiple of this. */
    private static final long IDS = 1L << 31;

    private final StreamSource source;
    private final LoaderConfig config;
    private final Share process;
    private final @Nullable Executor workers;
    private final SampleRandom shardDraws;
    private final SampleRandom bufferDraws;
    private final Deque<Integer> shards = new ArrayDeque<>();
    private final Deque<Opening> opening = new ArrayDeque<>();
    private final Deque<Place> arriving = new ArrayDeque<>();
    private final List<Place> buffer = new ArrayList<>();
    private final List<LoadedSample.Broken> faults = new ArrayList<>();
    private int shardsOfPass;
    private int emptyShards;

    /**
     * Where a sample lies.
     *
     * @param index of its shard
     * @param firstId of the shard's samples
     * @param number in the shard
     * @param faults of shards, found on the way to this sample
     */
    record Place(ShardIndex index, long firstId, int number, List<LoadedSample.Broken> faults) {}

    private record Opening(int shard, FutureTask<ShardIndex> index) {}

    /**
     * The order from the start of an epoch.
     *
     * @param process takes every {@code world}-th of the shards in their order
     * @param workers read ahead; {@code null} to read where it is needed
     */
    StreamOrder(StreamSource source, LoaderConfig config, Share process, int epoch, @Nullable Executor workers) {
        this.source = source;
        this.config = config;
        this.process = process;
        this.workers = workers;
        shardDraws = source.random().of(config.seed(), epoch, SHARDS);
        bufferDraws = source.random().of(config.seed(), epoch, BUFFERS - process.rank());
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    /** @throws AnnotationException if a shard is faulty and that is not to be skipped, or no shard has a sample */
    @Override
    public Place next() {
        int wanted = config.shuffle() ? source.shuffleBuffer() : 1;
        while (buffer.isEmpty() && !arrive()) {
            shardsOfPass = shardsPerPass(); // a pass gives every sample once before the next begins
        }
        while (buffer.size() < wanted && arrive()) {
            // until the buffer is full or the pass over
        }
        if (!config.shuffle()) {
            return buffer.remove(0);
        }
        int drawn = bufferDraws.integer(0, buffer.size());
        var last = buffer.remove(buffer.size() - 1);
        return drawn == buffer.size() ? last : buffer.set(drawn, last);
    }

    /** Puts the next sample of the pass into the buffer, if there is one. */
    private boolean arrive() {
        while (arriving.isEmpty() && shardsOfPass > 0) {
            shardsOfPass--;
            openNext();
        }
        var sample = arriving.poll();
        return sample != null && buffer.add(sample);
    }

    private int shardsPerPass() {
        return (source.shards().size() - process.rank() + process.world() - 1) / process.world();
    }

    private void openNext() {
        while (opening.size() < (workers == null ? 1 : AHEAD + 1)) {
            int shard = nextShard();
            var index = new FutureTask<>(() -> ShardIndex.read(source.shards().get(shard)));
            opening.add(new Opening(shard, index));
            if (workers != null) {
                workers.execute(index);
            }
        }
        var opened = opening.remove();
        if (workers == null) {
            opened.index().run();
        }
        takeSamples(opened.shard(), Awaited.result(opened.index()));
    }

    private void takeSamples(int shard, ShardIndex index) {
        long firstId = shard * IDS;
        if (!index.faults().isEmpty() && config.onBroken() == OnBroken.FAIL) {
            throw new AnnotationException(index.faults().get(0));
        }
        for (int i = 0; i < index.faults().size(); i++) {
            faults.add(new LoadedSample.Broken(
                    firstId + IDS - 1 - i, index.faults().get(i)));
        }
        emptyShards = index.samples().isEmpty() ? emptyShards + 1 : 0;
        if (emptyShards >= source.shards().size()) {
            throw StreamSource.withoutSample(
                    source.name(),
                    source.shards().size(),
                    faults.isEmpty()
                            ? index.reasons()
                            : faults.stream().map(LoadedSample.Broken::problem).toList());
        }
        for (int i = 0; i < index.samples().size(); i++) {
            arriving.add(new Place(index, firstId, i, i == 0 ? List.copyOf(faults) : List.of()));
            if (i == 0) {
                faults.clear();
            }
        }
    }

    /** The next of this process in the order of the pass. */
    private int nextShard() {
        if (shards.isEmpty()) {
            int[] order = IntStream.range(0, source.shards().size()).toArray();
            if (config.shuffle()) {
                EpochOrder.shuffle(order, shardDraws);
            }
            for (int i = process.rank(); i < order.length; i += process.world()) {
                shards.add(order[i]);
            }
        }
        return shards.remove();
    }
}
