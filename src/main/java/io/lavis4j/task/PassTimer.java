package io.lavis4j.task;

import io.lavis4j.task.RunListener.Progress;
import io.lavis4j.tensor.Trace;

/**
 * Times the steps of one pass over the data and tells a listener.
 *
 * <p>On a GPU a step has ended for the host when its work is queued. A pass waits for the device where something is
 * {@linkplain #read read} from it, so times are exact there, and after that by at most what is queued too short.
 */
public final class PassTimer {

    private static final double NANOS = 1e-9;

    private final String header;
    private final int first;
    private final int steps;
    private final RunListener listener;
    private final long start = System.nanoTime();
    private Trace.Span waiting = () -> {};
    private long stepStart = start;
    private long waited;
    private long spanStart = start;
    private long waitedBefore;
    private int done;
    private double loss = Double.NaN;
    private double lr = Double.NaN;
    private long peak;

    /** A pass of this many steps that begins now. */
    public PassTimer(String header, int steps, RunListener listener) {
        this(header, 0, steps, listener);
    }

    /** The rest of a pass of which {@code first} steps were done before. */
    public PassTimer(String header, int first, int steps, RunListener listener) {
        this.header = header;
        this.first = first;
        this.steps = steps;
        this.listener = listener;
    }

    /** The wait for a batch begins. */
    public void startStep() {
        stepStart = System.nanoTime();
        Trace.step();
        waiting = Trace.span("data wait");
    }

    /** The batch has come. */
    public void dataReady() {
        waited += System.nanoTime() - stepStart;
        waiting.close();
    }

    /** The mean loss and the peak of memory, just read from the device. */
    public void read(double meanLoss, long peakMebibytes) {
        loss = meanLoss;
        peak = peakMebibytes;
    }

    /**
     * A part of a pass.
     *
     * @param seconds that it took
     * @param dataSeconds of these, waiting for data
     */
    public record Span(double seconds, double dataSeconds) {}

    /** The part since the last call, or since the pass began. */
    public Span span() {
        long now = System.nanoTime();
        var span = new Span((now - spanStart) * NANOS, (waited - waitedBefore) * NANOS);
        spanStart = now;
        waitedBefore = waited;
        return span;
    }

    /**
     * The step has ended.
     *
     * @param rate learning rate; NaN where nothing is trained
     */
    public void endStep(double rate) {
        done++;
        lr = rate;
        listener.step(progress());
    }

    /** The pass has ended. */
    public void end() {
        listener.end(progress());
    }

    private Progress progress() {
        double seconds = (System.nanoTime() - start) * NANOS;
        int count = Math.max(done, 1);
        return new Progress(header, first + done, steps, lr, loss, seconds / count, waited * NANOS / count, peak);
    }
}
