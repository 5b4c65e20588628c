package io.lavis4j.runner;

import io.lavis4j.runner.RunListener.Progress;

/** Times the steps of one pass over the data and tells a listener. */
final class PassTimer {

    private static final double NANOS = 1e-9;

    private final String header;
    private final int steps;
    private final RunListener listener;
    private final long start = System.nanoTime();
    private long stepStart = start;
    private long waited;
    private int done;
    private double loss = Double.NaN;
    private double lr = Double.NaN;
    private long peak;

    PassTimer(String header, int steps, RunListener listener) {
        this.header = header;
        this.steps = steps;
        this.listener = listener;
    }

    /** The wait for a batch begins. */
    void startStep() {
        stepStart = System.nanoTime();
    }

    /** The batch has come. */
    void dataReady() {
        waited += System.nanoTime() - stepStart;
    }

    /** What was just read from the device. */
    void read(double meanLoss, long peakMebibytes) {
        loss = meanLoss;
        peak = peakMebibytes;
    }

    void endStep(double rate) {
        done++;
        lr = rate;
        listener.step(progress());
    }

    void end() {
        listener.end(progress());
    }

    private Progress progress() {
        double seconds = (System.nanoTime() - start) * NANOS;
        int count = Math.max(done, 1);
        return new Progress(header, done, steps, lr, loss, seconds / count, waited * NANOS / count, peak);
    }
}
