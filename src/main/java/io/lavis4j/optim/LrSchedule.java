package io.lavis4j.optim;

/**
 * Learning rate by epoch and step. LAVIS's schedules warm up in epoch 0 only; afterwards the rate changes from epoch to
 * epoch and is constant inside one.
 *
 * @param type formula of the rate
 * @param maxEpoch epochs of the run
 * @param initLr rate after the warm-up
 * @param minLr lowest rate
 * @param warmupLr rate at step 0; negative for {@code initLr}
 * @param warmupSteps steps until {@code initLr}
 * @param decayRate factor per epoch of {@link ScheduleType#LINEAR_WARMUP_STEP}
 */
public record LrSchedule(
        ScheduleType type,
        int maxEpoch,
        double initLr,
        double minLr,
        double warmupLr,
        long warmupSteps,
        double decayRate) {

    public LrSchedule {
        if (initLr < 0 || minLr < 0) {
            throw new IllegalArgumentException(
                    "learning rates must not be negative, got init_lr %s and min_lr %s".formatted(initLr, minLr));
        }
        if (maxEpoch < 1) {
            throw new IllegalArgumentException("max_epoch must be at least 1, got " + maxEpoch);
        }
    }

    /**
     * The rate of a step.
     *
     * @param epoch from 0
     * @param step in the epoch, from 0
     */
    public double lr(int epoch, long step) {
        return type.rate().lr(this, epoch, step);
    }
}
