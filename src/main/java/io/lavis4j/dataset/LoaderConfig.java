package io.lavis4j.dataset;

import io.lavis4j.tensor.Precision;

/**
 * How samples become batches.
 *
 * @param batchSize samples per batch, B
 * @param numWorkers threads that load images; 0 loads in the consumer's thread
 * @param shuffle whether each epoch has an order of its own
 * @param dropLast whether a last batch of fewer samples is left out
 * @param seed of the order and of everything random about samples
 * @param onBroken treatment of samples whose image cannot be read; skipping puts another sample in their place, so
 *     evaluation should fail
 * @param maxBrokenShare when skipping: loading fails once more than 10 samples are broken and they are more than this
 *     share, 0 to 1, of the different samples seen so far by this loader
 * @param imagePrecision of a batch's pixels, which are rounded once as they are written
 * @param share of the samples that this process loads
 */
public record LoaderConfig(
        int batchSize,
        int numWorkers,
        boolean shuffle,
        boolean dropLast,
        long seed,
        OnBroken onBroken,
        double maxBrokenShare,
        Precision imagePrecision,
        Share share) {

    public LoaderConfig {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size must be at least 1, got " + batchSize);
        }
        if (numWorkers < 0) {
            throw new IllegalArgumentException("number of workers must be 0 or more, got " + numWorkers);
        }
        if (!(maxBrokenShare >= 0 && maxBrokenShare <= 1)) {
            throw new IllegalArgumentException(
                    "the largest share of broken images must be from 0 to 1, got " + maxBrokenShare);
        }
    }

    /** Pixels in single precision, of all samples. */
    public LoaderConfig(
            int batchSize,
            int numWorkers,
            boolean shuffle,
            boolean dropLast,
            long seed,
            OnBroken onBroken,
            double maxBrokenShare) {
        this(batchSize, numWorkers, shuffle, dropLast, seed, onBroken, maxBrokenShare, Precision.FP32, Share.WHOLE);
    }

    /** For training: shuffled, without a smaller last batch, leaving out broken images up to 1 in 100. */
    public static LoaderConfig training(int batchSize, int numWorkers, long seed) {
        return new LoaderConfig(batchSize, numWorkers, true, true, seed, OnBroken.SKIP, 0.01);
    }

    /** For evaluation: every sample in its order. */
    public static LoaderConfig evaluation(int batchSize, int numWorkers) {
        return new LoaderConfig(batchSize, numWorkers, false, false, 0, OnBroken.FAIL, 0);
    }

    /** The same for another share of the samples. */
    public LoaderConfig with(Share other) {
        return new LoaderConfig(
                batchSize, numWorkers, shuffle, dropLast, seed, onBroken, maxBrokenShare, imagePrecision, other);
    }
}
