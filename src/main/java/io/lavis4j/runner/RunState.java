package io.lavis4j.runner;

import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.TrainLoop.Figures;

/**
 * Where a run stands, without what is in tensors.
 *
 * @param at what is trained
 * @param figures of the segment up to there
 * @param best of the validations so far; that of the segment which ends at {@code at} is not among them in a checkpoint
 */
record RunState(Position at, Figures figures, Best best) {

    static final RunState NEW = new RunState(Position.START, Figures.NONE, Best.NONE);

    /**
     * The best validation so far.
     *
     * @param score {@code agg_metrics}; 0 before the first, as a score must be above it to be best
     * @param number of its segment; -1 before the first
     * @param since validations after it
     */
    record Best(double score, long number, int since) {

        static final Best NONE = new Best(0, -1, 0);

        /** The best after a further validation. */
        Best after(double found, long segmentNumber) {
            return found > score ? new Best(found, segmentNumber, 0) : new Best(score, number, since + 1);
        }
    }

    /** The state after further training. */
    RunState trained(Position now, Figures segment) {
        return new RunState(now, segment, best);
    }

    /** The state after a validation. */
    RunState validated(double score, long number) {
        return new RunState(at, figures, best.after(score, number));
    }

    /** The state at the beginning of the next segment. */
    RunState next() {
        return new RunState(new Position(at.segment() + 1, 0), figures.next(), best);
    }
}
