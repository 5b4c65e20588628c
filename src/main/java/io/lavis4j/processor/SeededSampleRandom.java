package io.lavis4j.processor;

/**
 * Draws that depend on nothing but a run's seed, the epoch and the sample, so that neither threads nor processes nor an
 * interrupted run change them.
 *
 * <p>The three numbers are mixed into the starting state of a SplitMix64 generator (doi:10.1145/2660193.2660195), one
 * after the other, each through all 64 bits.
 */
public final class SeededSampleRandom implements SampleRandom {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    private SeededSampleRandom(long state) {
        this.state = state;
    }

    /**
     * The draws of one sample.
     *
     * @param seed of the run
     * @param epoch counted from any number
     * @param index of the sample in its data set
     */
    public static SeededSampleRandom of(long seed, int epoch, long index) {
        long state = mixed(seed + GOLDEN_GAMMA);
        state = mixed((state ^ epoch) + GOLDEN_GAMMA);
        return new SeededSampleRandom(mixed((state ^ index) + GOLDEN_GAMMA));
    }

    /** A multiple of 2^-53 of the range. */
    @Override
    public double uniform(double low, double high) {
        return low + (next() >>> 11) * 0x1p-53 * (high - low);
    }

    /** Probabilities are equal up to 2^-32. */
    @Override
    public int integer(int low, int high) {
        if (low >= high) {
            throw new IllegalArgumentException("expected low < high, got %d and %d".formatted(low, high));
        }
        return (int) (low + (((next() >>> 32) * ((long) high - low)) >>> 32));
    }

    private long next() {
        state += GOLDEN_GAMMA;
        return mixed(state);
    }

    /** The output function of SplitMix64: one-to-one, and every bit depends on every bit. */
    private static long mixed(long z) {
        long y = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        y = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
        return y ^ (y >>> 31);
    }
}
