package io.lavis4j.optim;

import io.lavis4j.config.Registry;
import java.util.List;
import java.util.function.Supplier;

/**
 * A kind of learning-rate schedule, by LAVIS's names.
 *
 * @param name as in {@code run.lr_sched}
 * @param rate of each step
 */
public record ScheduleType(String name, Rate rate) {

    /** Warm-up in epoch 0, then half a cosine down to {@code min_lr}. */
    public static final ScheduleType LINEAR_WARMUP_COSINE = new ScheduleType(
            "linear_warmup_cosine_lr",
            afterWarmup((s, epoch) ->
                    (s.initLr() - s.minLr()) * 0.5 * (1 + Math.cos(Math.PI * epoch / s.maxEpoch())) + s.minLr()));

    /** Warm-up in epoch 0, then a factor per epoch, not below {@code min_lr}. */
    public static final ScheduleType LINEAR_WARMUP_STEP = new ScheduleType(
            "linear_warmup_step_lr",
            afterWarmup((s, epoch) -> Math.max(s.minLr(), s.initLr() * Math.pow(s.decayRate(), epoch))));

    /** Warm-up in epoch 0, then {@code init_lr}. */
    public static final ScheduleType CONSTANT = new ScheduleType("constant_lr", afterWarmup((s, epoch) -> s.initLr()));

    /** The rate of a step. */
    @FunctionalInterface
    public interface Rate {

        /**
         * The rate of a step.
         *
         * @param settings of the run
         * @param epoch from 0
         * @param step in the epoch, from 0
         */
        double lr(LrSchedule settings, int epoch, long step);
    }

    private interface EpochRate {
        double lr(LrSchedule settings, int epoch);
    }

    private static Rate afterWarmup(EpochRate later) {
        return (s, epoch, step) -> {
            if (epoch > 0) {
                return later.lr(s, epoch);
            }
            double start = s.warmupLr() < 0 ? s.initLr() : s.warmupLr();
            return Math.min(s.initLr(), start + (s.initLr() - start) * step / Math.max(s.warmupSteps(), 1));
        };
    }

    /** Names schedules of a jar; listed in its {@code META-INF/services/io.lavis4j.optim.ScheduleType$Provider}. */
    public interface Provider extends Supplier<List<ScheduleType>> {}

    /** LAVIS's schedules. */
    public static final class Lavis implements Provider {

        @Override
        public List<ScheduleType> get() {
            return List.of(LINEAR_WARMUP_COSINE, LINEAR_WARMUP_STEP, CONSTANT);
        }
    }

    /** All kinds on the class path. */
    public static Registry<ScheduleType> registry() {
        return Registry.of("schedule", Provider.class, ScheduleType::name);
    }
}
