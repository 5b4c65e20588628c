package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;

/**
 * Gradients that several batches add up to before an update.
 *
 * @param iters batches of an update, key {@code accum_grad_iters}
 * @param normalization ours, key {@code accum_normalization}: what their sum is divided by
 */
public record Accumulation(int iters, Normalization normalization) {

    /** What a batch counts for in an update. */
    public enum Normalization {
        /** As much as any other, as in LAVIS. */
        MEAN,
        /** As many as it has tokens to learn, so that the update is that of all batches joined in one. */
        TOKENS
    }

    /** Each batch is an update. */
    static final Accumulation NONE = new Accumulation(1, Normalization.MEAN);

    public Accumulation {
        checks(iters).done();
    }

    private static Checks checks(int iters) {
        return new Checks().atLeast("accum_grad_iters", iters, 1);
    }

    static Accumulation read(Section run) {
        int iters = run.integer("accum_grad_iters", 1);
        var normalization = run.choice("accum_normalization", Normalization.MEAN);
        run.check(checks(iters));
        return new Accumulation(iters, normalization);
    }
}
