package io.lavis4j.task;

/** Follows a run step by step, to show it; called on the run's own thread. */
public interface RunListener {

    /**
     * Where a pass over the data stands.
     *
     * @param header what is being done: {@code Train: data epoch: [0]}
     * @param step finished steps
     * @param steps of the whole pass
     * @param lr learning rate; NaN in evaluation
     * @param loss mean over the latest steps; NaN if none was read yet
     * @param secondsPerStep mean since the pass began; on a GPU exact where the loss is read, see {@link PassTimer}
     * @param dataSecondsPerStep of these, waiting for data
     * @param peakMebibytes most memory used so far
     */
    record Progress(
            String header,
            int step,
            int steps,
            double lr,
            double loss,
            double secondsPerStep,
            double dataSecondsPerStep,
            long peakMebibytes) {

        /** Seconds until the end of the pass. */
        public long etaSeconds() {
            return Math.round((steps - step) * secondsPerStep);
        }
    }

    /** A step has ended. */
    void step(Progress progress);

    /** A pass has ended. */
    void end(Progress progress);

    /** One that shows nothing. */
    static RunListener silent() {
        return new RunListener() {
            @Override
            public void step(Progress progress) {}

            @Override
            public void end(Progress progress) {}
        };
    }
}
