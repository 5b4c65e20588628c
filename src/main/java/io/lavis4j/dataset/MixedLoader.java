package io.lavis4j.dataset;

import io.lavis4j.features.VisionFeatures;
import io.lavis4j.processor.SampleRandom;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * LAVIS's MultiIterLoader: each batch is one of several loaders', picked by given ratios; a loader that has come to the
 * end of its data begins its next epoch.
 *
 * <p>Unlike in LAVIS there is a length: an epoch has as many batches as one epoch of all loaders together. The picks
 * derive from (seed, epoch, batch), so any batch can be the first.
 */
public final class MixedLoader implements BatchLoader {

    /** The draws that no sample and no order has. */
    private static final long PICKS = Long.MIN_VALUE;

    private final List<Part> parts;
    private final double[] cumulative;
    private final long seed;
    private final SampleRandomSource random;
    private final int batchesPerEpoch;
    private @Nullable Mixed current;

    /**
     * A mixture.
     *
     * @param loaders closed with this
     * @param ratios one above 0 for each loader; their sum is taken for 1
     * @param seed of the picks
     */
    public MixedLoader(List<? extends BatchLoader> loaders, List<Double> ratios, long seed, SampleRandomSource random) {
        if (loaders.isEmpty() || loaders.size() != ratios.size()) {
            throw new IllegalArgumentException(
                    "expected one ratio for each of one or more loaders, got %d loaders and ratios %s"
                            .formatted(loaders.size(), ratios));
        }
        parts = loaders.stream().map(Part::new).toList();
        cumulative = new double[ratios.size()];
        double sum = 0;
        for (int i = 0; i < cumulative.length; i++) {
            double ratio = ratios.get(i);
            if (!(ratio > 0 && ratio < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("ratios must be above 0, got " + ratios);
            }
            sum += ratio;
            cumulative[i] = sum;
        }
        this.seed = seed;
        this.random = random;
        batchesPerEpoch = Math.toIntExact(
                loaders.stream().mapToLong(BatchLoader::batchesPerEpoch).sum());
    }

    /** One of the loaders, and how far its batches have been taken. */
    private static final class Part {
        private final BatchLoader loader;
        private long taken;
        private @Nullable EpochBatches open;

        Part(BatchLoader loader) {
            this.loader = loader;
        }

        /** Goes where {@code batches} have been taken; what is loaded stays if that is here. */
        void to(long batches) {
            if (taken != batches) {
                taken = batches;
                open = null;
            }
        }

        Batch next() {
            int epoch = Math.toIntExact(taken / loader.batchesPerEpoch());
            var batches = open;
            if (batches == null || !batches.hasNext()) {
                batches = loader.epoch(epoch, (int) (taken % loader.batchesPerEpoch()));
                loader.expect(epoch + 1);
                open = batches;
            }
            var batch = batches.next();
            taken++;
            return batch;
        }
    }

    @Override
    public int batchesPerEpoch() {
        return batchesPerEpoch;
    }

    @Override
    public int brokenSamples() {
        return parts.stream().mapToInt(part -> part.loader.brokenSamples()).sum();
    }

    @Override
    public List<byte[]> tallies() {
        return parts.stream().flatMap(part -> part.loader.tallies().stream()).toList();
    }

    @Override
    public void countOn(List<byte[]> tallies) {
        int used = 0;
        for (var part : parts) {
            int count = part.loader.tallies().size();
            part.loader.countOn(tallies.subList(used, Math.min(used + count, tallies.size())));
            used += count;
        }
        if (used != tallies.size()) {
            throw new IllegalArgumentException(
                    "expected the counts of broken samples of %d data sets, got %d".formatted(used, tallies.size()));
        }
    }

    @Override
    public void keep(@Nullable VisionFeatures kept) {
        parts.forEach(part -> {
            part.open = null;
            part.loader.keep(kept);
        });
    }

    @Override
    public boolean repeatsImages() {
        return parts.stream().allMatch(part -> part.loader.repeatsImages());
    }

    @Override
    public long views(int drawn) {
        return parts.stream().mapToLong(part -> part.loader.views(drawn)).sum();
    }

    @Override
    public EpochBatches epoch(int epoch, int firstBatch) {
        if (firstBatch < 0 || firstBatch > batchesPerEpoch) {
            throw new IllegalArgumentException(
                    "expected a first batch from 0 to %d, got %d".formatted(batchesPerEpoch, firstBatch));
        }
        if (current != null) {
            current.close();
        }
        long[] taken = new long[parts.size()];
        for (int before = 0; before < epoch; before++) {
            skip(picks(before), batchesPerEpoch, taken);
        }
        var picks = picks(epoch);
        skip(picks, firstBatch, taken);
        for (int i = 0; i < taken.length; i++) {
            parts.get(i).to(taken[i]);
        }
        var begun = new Mixed(picks, batchesPerEpoch - firstBatch);
        current = begun;
        return begun;
    }

    private SampleRandom picks(int epoch) {
        return random.of(seed, epoch, PICKS);
    }

    private int pick(SampleRandom picks) {
        int found = Arrays.binarySearch(cumulative, picks.uniform(0, cumulative[cumulative.length - 1]));
        return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
    }

    private void skip(SampleRandom picks, int batches, long[] taken) {
        for (int i = 0; i < batches; i++) {
            taken[pick(picks)]++;
        }
    }

    /** No more than the loaders do by themselves: their epochs follow one another without a pause. */
    @Override
    public void expect(int epoch) {}

    @Override
    public void close() {
        if (current != null) {
            current.close();
        }
        parts.forEach(part -> part.loader.close());
    }

    /** One epoch; batches loaded ahead stay with the loaders, and the next epoch goes on from there. */
    private final class Mixed implements EpochBatches {
        private final SampleRandom picks;
        private int left;

        Mixed(SampleRandom picks, int left) {
            this.picks = picks;
            this.left = left;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the epoch is over, or was closed");
            }
            left--;
            try {
                return parts.get(pick(picks)).next();
            } catch (RuntimeException | Error e) {
                left = 0;
                throw e;
            }
        }

        @Override
        public void close() {
            left = 0;
        }
    }
}
