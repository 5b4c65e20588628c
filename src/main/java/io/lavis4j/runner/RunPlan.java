package io.lavis4j.runner;

/**
 * The iterations of a run, cut into segments: the epochs of LAVIS's RunnerBase, or the inner epochs of its RunnerIter.
 * After each segment the run is saved and may be validated. {@code run.max_steps} ends the last segment early.
 *
 * @param unit that segments are named by
 * @param perSegment iterations of a segment; the last may have fewer
 * @param total iterations of the run
 * @param batchesPerEpoch iterations after which the data begin anew
 * @param accumGradIters iterations per update; a segment's last update may be of fewer
 */
record RunPlan(Unit unit, int perSegment, long total, int batchesPerEpoch, int accumGradIters) {

    /** The number of a segment, by LAVIS's keys. */
    enum Unit {
        /** From 0. */
        EPOCH("epoch", "runner_base"),
        /** Iterations of the run at the segment's end. */
        ITERS("iters", "runner_iter");

        private final String key;
        private final String runner;

        Unit(String key, String runner) {
            this.key = key;
            this.runner = runner;
        }

        /** In a checkpoint and in {@code log.txt}. */
        String key() {
            return key;
        }

        /** As {@code run.runner} names it. */
        String runner() {
            return runner;
        }
    }

    /**
     * A place between two iterations.
     *
     * @param segment from 0
     * @param batch iterations of the segment that are done
     */
    record Position(int segment, int batch) {

        static final Position START = new Position(0, 0);
    }

    /**
     * The plan of a configuration.
     *
     * @param batchesPerEpoch of the training data
     */
    static RunPlan of(RunConfig config, int batchesPerEpoch) {
        var iterations = config.length().iterations();
        int accum = config.optimization().accumulation().iters();
        int perSegment = iterations == null ? batchesPerEpoch : iterations.itersPerInnerEpoch();
        long total = iterations == null ? (long) config.maxEpoch() * perSegment : iterations.maxIters();
        var maxSteps = config.length().maxSteps();
        if (maxSteps != null) {
            int updates = ceil(perSegment, accum);
            long whole = (long) (maxSteps / updates) * perSegment;
            total = Math.min(total, whole + Math.min(perSegment, (long) (maxSteps % updates) * accum));
        }
        return new RunPlan(iterations == null ? Unit.EPOCH : Unit.ITERS, perSegment, total, batchesPerEpoch, accum);
    }

    private static int ceil(int dividend, int divisor) {
        return (dividend - 1) / divisor + 1;
    }

    /** How many segments there are. */
    int segments() {
        return Math.toIntExact((total + perSegment - 1) / perSegment);
    }

    /** Iterations of a segment. */
    int batches(int segment) {
        return (int) Math.min(perSegment, total - (long) segment * perSegment);
    }

    /** Iterations of the run before a position. */
    long iterations(Position at) {
        return (long) at.segment() * perSegment + at.batch();
    }

    /** Whether the gradients of all iterations before a position are taken into the parameters. */
    boolean isUpdate(Position at) {
        return at.batch() % accumGradIters == 0 || isComplete(at);
    }

    /** Iterations of the update whose first one has a number, from 0 in the run. */
    int ofUpdate(long first) {
        int segment = Math.toIntExact(first / perSegment);
        return Math.min(accumGradIters, batches(segment) - (int) (first % perSegment));
    }

    /** Updates of the run before a position, with one that is under way there. */
    long updates(Position at) {
        return (long) at.segment() * ceil(perSegment, accumGradIters)
                + (at.batch() == 0 ? 0 : ceil(at.batch(), accumGradIters));
    }

    /** The position as metrics have it; not that of the beginning. */
    Metrics.Place place(Position at) {
        long last = iterations(at) - 1;
        return new Metrics.Place(
                updates(at), Math.toIntExact(last / batchesPerEpoch), (int) (last % batchesPerEpoch) + 1);
    }

    /** Whether a position is the end of its segment. */
    boolean isComplete(Position at) {
        return at.batch() >= batches(at.segment());
    }

    /** Whether a position is the end of the run. */
    boolean isEnd(Position at) {
        return iterations(at) >= total;
    }

    /** The number of a segment, as files and logs have it. */
    long number(int segment) {
        return unit == Unit.EPOCH ? segment : (long) segment * perSegment + batches(segment);
    }

    /** Iterations of the run before the end of the segment that has a number. */
    long iterationsAt(long number) {
        return unit == Unit.ITERS ? number : Math.min((number + 1) * perSegment, total);
    }

    /** The pass over the data that a segment ends in, from 0. */
    int dataEpoch(int segment) {
        return Math.toIntExact((iterations(new Position(segment, batches(segment))) - 1) / batchesPerEpoch);
    }

    /** The name of a segment in those of result files. */
    String label(int segment) {
        return unit == Unit.EPOCH
                ? String.valueOf(segment)
                : "%d_iters=%d".formatted(dataEpoch(segment), number(segment));
    }

    /** The number under LAVIS's key in a checkpoint at a position: of the last whole epoch, or of the iterations. */
    long saved(Position at) {
        if (unit == Unit.ITERS) {
            return iterations(at);
        }
        return isComplete(at) ? at.segment() : at.segment() - 1L;
    }

    /** The position after a whole segment, from a number that LAVIS saved. */
    Position after(long saved) {
        if (unit == Unit.EPOCH) {
            return new Position(Math.toIntExact(saved + 1), 0);
        }
        return new Position(Math.toIntExact(saved / perSegment), (int) (saved % perSegment));
    }
}
