package io.lavis4j.dataset;

import io.lavis4j.processor.Draws;
import java.util.SplittableRandom;

/** Random numbers of a sample. */
final class TestDraws implements Draws {
    private final SplittableRandom random;

    private TestDraws(SplittableRandom random) {
        this.random = random;
    }

    static Draws of(long seed, int epoch, long index) {
        long state = new SplittableRandom(seed).nextLong() ^ epoch;
        return new TestDraws(new SplittableRandom(new SplittableRandom(state).nextLong() ^ index));
    }

    @Override
    public double uniform(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    @Override
    public int integer(int low, int high) {
        return random.nextInt(low, high);
    }
}
