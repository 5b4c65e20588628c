package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;

/**
 * The treatment of an update whose loss or gradient is not finite; it is left out in any case.
 *
 * @param policy ours, key {@code on_non_finite}
 * @param maxSteps ours, key {@code max_non_finite_steps}: updates in a row that may be left out with {@code skip}
 */
public record OnNonFinite(Policy policy, int maxSteps) {

    /** What follows. */
    public enum Policy {
        /** The run ends, with the place where the first such number comes from. */
        STOP,
        /** The run goes on, and ends after too many in a row. */
        SKIP
    }

    private static final String MAX_STEPS = "max_non_finite_steps";
    private static final int DEFAULT_MAX_STEPS = 10;

    /** The default. */
    static final OnNonFinite DEFAULT = new OnNonFinite(Policy.STOP, DEFAULT_MAX_STEPS);

    public OnNonFinite {
        checks(maxSteps).done();
    }

    private static Checks checks(int maxSteps) {
        return new Checks().atLeast(MAX_STEPS, maxSteps, 1);
    }

    static OnNonFinite read(Section run) {
        var policy = run.choice("on_non_finite", Policy.STOP);
        int maxSteps = run.integer(MAX_STEPS, DEFAULT_MAX_STEPS);
        run.check(checks(maxSteps));
        return new OnNonFinite(policy, maxSteps);
    }

    /** Updates in a row that may be left out. */
    int limit() {
        return policy == Policy.STOP ? 0 : maxSteps;
    }
}
