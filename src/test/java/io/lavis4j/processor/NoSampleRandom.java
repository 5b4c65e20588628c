package io.lavis4j.processor;

/** For processors that must not draw. */
final class NoSampleRandom implements SampleRandom {

    @Override
    public double uniform(double low, double high) {
        throw new AssertionError("drew from [%s, %s)".formatted(low, high));
    }

    @Override
    public int integer(int low, int high) {
        throw new AssertionError("drew from [%d, %d)".formatted(low, high));
    }
}
