package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a run ends: after the epochs of {@code max_epoch}, or with {@code runner: runner_iter} after iterations; and
 * what ends it earlier.
 *
 * @param iterations of runner_iter; {@code null} for runner_base
 * @param maxSteps ours, key {@code max_steps}: updates of the parameters after which the run ends as if it had been
 *     that long; {@code null}, the default, for no limit
 * @param earlyStopPatience ours, key {@code early_stop_patience}: so many validations one after the other without a
 *     better {@code agg_metrics} end the run; {@code null}, the default, for none
 */
public record RunLength(
        @Nullable Iterations iterations,
        @Nullable Integer maxSteps,
        @Nullable Integer earlyStopPatience) {

    static final String BASE = "runner_base";

    private static final String ITER = "runner_iter";
    private static final List<String> OF_ITER = List.of("max_iters", "iters_per_inner_epoch");

    /**
     * The length of a run of LAVIS's RunnerIter.
     *
     * @param maxIters iterations of the run
     * @param itersPerInnerEpoch iterations after which it is saved and validated
     */
    public record Iterations(int maxIters, int itersPerInnerEpoch) {

        public Iterations {
            checks(maxIters, itersPerInnerEpoch).done();
        }

        private static Checks checks(int maxIters, int itersPerInnerEpoch) {
            return new Checks()
                    .atLeast("max_iters", maxIters, 1)
                    .atLeast("iters_per_inner_epoch", itersPerInnerEpoch, 1);
        }

        /** Epochs of the learning rate's schedule, as LAVIS counts them. */
        int epochs() {
            return Math.max(1, maxIters / itersPerInnerEpoch);
        }
    }

    public RunLength {
        checks(maxSteps, earlyStopPatience).done();
    }

    private static Checks checks(@Nullable Integer maxSteps, @Nullable Integer patience) {
        return new Checks()
                .atLeast("max_steps", maxSteps == null ? 1 : maxSteps, 1)
                .atLeast("early_stop_patience", patience == null ? 1 : patience, 1);
    }

    static RunLength read(Section run, boolean training) {
        String runner = run.string("runner", BASE);
        run.check(runner.equals(BASE) || runner.equals(ITER), "runner", BASE + " or " + ITER);
        var iterations = runner.equals(ITER) ? run.read(section -> iterations(section, training)) : null;
        if (runner.equals(BASE)) {
            for (String key : OF_ITER) {
                if (run.has(key)) {
                    run.problem(key, "is of runner_iter; set run.runner=runner_iter, or run.%s=null".formatted(key));
                }
            }
        } else if (runner.equals(ITER) && run.has("max_epoch")) {
            run.problem("max_epoch", "is of runner_base, and run.runner is runner_iter; set run.max_epoch=null");
        }
        var maxSteps = integerIfPresent(run, "max_steps");
        var patience = integerIfPresent(run, "early_stop_patience");
        run.check(checks(maxSteps, patience));
        run.check(
                patience == null || !training || !run.strings("valid_splits").isEmpty(),
                "early_stop_patience",
                "null, as there are no valid_splits");
        return new RunLength(iterations, maxSteps, patience);
    }

    private static @Nullable Iterations iterations(Section run, boolean training) {
        if (!training && !run.has("max_iters")) {
            return null;
        }
        int maxIters = run.integer("max_iters"), perInnerEpoch = run.integer("iters_per_inner_epoch");
        run.check(Iterations.checks(maxIters, perInnerEpoch));
        return new Iterations(maxIters, perInnerEpoch);
    }

    private static @Nullable Integer integerIfPresent(Section run, String key) {
        return run.has(key) ? (Integer) run.integer(key) : null;
    }
}
