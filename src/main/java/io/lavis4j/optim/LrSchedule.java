package io.lavis4j.optim;

/**
 * Learning rate by epoch and step, by LAVIS's names: {@code linear_warmup_cosine_lr}, {@code linear_warmup_step_lr} and
 * {@code constant_lr}.
 *
 * <p>Warm-up happens in epoch 0 only; afterwards the rate changes from epoch to epoch and is constant inside one.
 *
 * @param kind shape after the warm-up
 * @param maxEpoch epochs of the run
 * @param initLr rate after the warm-up
 * @param minLr lowest rate
 * @param warmupLr rate at step 0; negative for {@code initLr}
 * @param warmupSteps steps until {@code initLr}
 * @param decayRate factor per epoch of {@code linear_warmup_step_lr}
 */
public record LrSchedule(
        Kind kind, int maxEpoch, double initLr, double minLr, double warmupLr, long warmupSteps, double decayRate) {

    /** What the rate does after the warm-up. */
    public enum Kind {
        LINEAR_WARMUP_COSINE("linear_warmup_cosine_lr"),
        LINEAR_WARMUP_STEP("linear_warmup_step_lr"),
        CONSTANT("constant_lr");

        private final String key;

        Kind(String key) {
            this.key = key;
        }

        /** The schedule with LAVIS's name {@code key}. */
        public static Kind of(String key) {
            for (var kind : values()) {
                if (kind.key.equals(key)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "unknown lr_sched \"%s\", expected one of %s".formatted(key, java.util.List.of(values())));
        }

        @Override
        public String toString() {
            return key;
        }
    }

    public LrSchedule {
        if (initLr < 0 || minLr < 0) {
            throw new IllegalArgumentException(
                    "learning rates must not be negative, got init_lr %s and min_lr %s".formatted(initLr, minLr));
        }
        if (kind == Kind.LINEAR_WARMUP_COSINE && maxEpoch < 1) {
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
        if (epoch == 0) {
            double start = warmupLr < 0 ? initLr : warmupLr;
            return Math.min(initLr, start + (initLr - start) * step / Math.max(warmupSteps, 1));
        }
        return switch (kind) {
            case LINEAR_WARMUP_COSINE -> (initLr - minLr) * 0.5 * (1 + Math.cos(Math.PI * epoch / maxEpoch)) + minLr;
            case LINEAR_WARMUP_STEP -> Math.max(minLr, initLr * Math.pow(decayRate, epoch));
            case CONSTANT -> initLr;
        };
    }
}
