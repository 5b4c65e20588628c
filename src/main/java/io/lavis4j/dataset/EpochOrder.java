package io.lavis4j.dataset;

import io.lavis4j.processor.SampleRandom;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/** In which order the samples of an epoch come; a function of the epoch's number. */
public final class EpochOrder {

    /** The draws that no sample has. */
    private static final long ORDER = -1;

    private final int size;
    private final IntFunction<int[]> indices;

    private EpochOrder(int size, IntFunction<int[]> indices) {
        this.size = size;
        this.indices = indices;
    }

    /** Every sample in its place, for evaluation. */
    public static EpochOrder sequential(int samples) {
        return new EpochOrder(samples, epoch -> IntStream.range(0, samples).toArray());
    }

    /** Another permutation in each epoch, drawn from (seed, epoch). */
    public static EpochOrder shuffled(int samples, long seed, SampleRandomSource source) {
        return new EpochOrder(samples, epoch -> {
            var random = source.of(seed, epoch, ORDER);
            int[] order = IntStream.range(0, samples).toArray();
            shuffle(order, random);
            return order;
        });
    }

    /** The shuffle of Fisher and Yates. */
    public static void shuffle(int[] order, SampleRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.integer(0, i + 1);
            int other = order[j];
            order[j] = order[i];
            order[i] = other;
        }
    }

    /**
     * The permutations of PyTorch's {@code DistributedSampler} with LAVIS's seed: {@code randperm} by a generator of
     * its own, seeded with the epoch alone. Together with {@link #ofRank} this is the reference's order.
     */
    public static EpochOrder torchPermutation(int samples) {
        Libtorch.load();
        return new EpochOrder(samples, epoch -> {
            try (var scope = new PointerScope()) {
                var generator = torch.createCPUGenerator(epoch);
                long[] order = Tensors.longs(torch.randperm(samples, new GeneratorOptional(generator)));
                int[] indices = new int[samples];
                for (int i = 0; i < samples; i++) {
                    indices[i] = Math.toIntExact(order[i]);
                }
                return indices;
            }
        });
    }

    /**
     * The part of one of several processes: the order is repeated from its start until its length is a multiple of
     * {@code world}, and a process takes every {@code world}-th sample from its rank on.
     */
    public EpochOrder ofRank(Share process) {
        if (size == 0) {
            throw new IllegalArgumentException("expected at least one sample to share among processes, got none");
        }
        int world = process.world();
        int share = (int) ((size + world - 1L) / world);
        return new EpochOrder(share, epoch -> {
            int[] all = of(epoch);
            int[] mine = new int[share];
            for (int i = 0; i < share; i++) {
                mine[i] = all[(int) ((process.rank() + (long) i * world) % size)];
            }
            return mine;
        });
    }

    /** The batches of one of several processes: every {@code world}-th from its rank on, as in the whole order. */
    EpochOrder batchesOfRank(Share process, int batchSize) {
        int share = (int) process.ofBatches(size, batchSize);
        return new EpochOrder(share, epoch -> {
            int[] all = of(epoch);
            return IntStream.range(0, share)
                    .map(i -> all[(int) process.placeInBatches(i, batchSize)])
                    .toArray();
        });
    }

    /** Samples per epoch. */
    public int size() {
        return size;
    }

    /** The samples of an epoch. */
    public int[] of(int epoch) {
        return indices.apply(epoch);
    }
}
