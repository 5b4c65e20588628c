package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;

/**
 * Checkpoints between those of epochs, all ours: {@code checkpoint_step_<updates>.pth}.
 *
 * @param everySteps key {@code save_steps}: updates from one to the next; 0, the default, for none
 * @param everyMinutes key {@code save_minutes}: minutes since the last checkpoint of any kind after which one is
 *     written; 0, the default, for none
 * @param keep key {@code keep_checkpoints}: how many of these stay, 1 by default
 */
public record StepCheckpoints(int everySteps, double everyMinutes, int keep) {

    public StepCheckpoints {
        checks(everySteps, everyMinutes, keep).done();
    }

    private static Checks checks(int everySteps, double everyMinutes, int keep) {
        return new Checks()
                .atLeast("save_steps", everySteps, 0)
                .notNegative("save_minutes", everyMinutes)
                .atLeast("keep_checkpoints", keep, 1);
    }

    static StepCheckpoints read(Section run) {
        int everySteps = run.integer("save_steps", 0);
        double everyMinutes = run.number("save_minutes", 0);
        int keep = run.integer("keep_checkpoints", 1);
        run.check(checks(everySteps, everyMinutes, keep));
        return new StepCheckpoints(everySteps, everyMinutes, keep);
    }

    /** Whether any are written, but where a run is asked to stop. */
    boolean any() {
        return everySteps > 0 || everyMinutes > 0;
    }
}
