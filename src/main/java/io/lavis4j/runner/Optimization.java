package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.tensor.Precision;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * How the parameters change. The keys are {@code lr_sched}, {@code max_epoch}, {@code init_lr}, {@code min_lr},
 * {@code warmup_lr}, {@code warmup_steps} and {@code lr_decay_rate} for the schedule, and:
 *
 * @param schedule learning rate by epoch and step
 * @param weightDecay of the parameters that decay
 * @param beta2 AdamW's second decay rate; the first is 0.9
 * @param lrLayerDecay factor per block of the vision encoder, downwards, noted in the parameter groups; the schedules
 *     of LAVIS overwrite it
 * @param accumulation batches of a step
 * @param amp the 16 bits to compute in
 * @param gradNormClip ours, key {@code grad_norm_clip}: largest norm of all gradients together; {@code null}, the
 *     default and LAVIS's only way, for no limit
 * @param onNonFinite a loss or gradient that is not finite
 * @param inBackward ours, key {@code optimizer_in_backward}: parameters are updated while backward goes on, false by
 *     default
 */
public record Optimization(
        LrSchedule schedule,
        double weightDecay,
        double beta2,
        double lrLayerDecay,
        Accumulation accumulation,
        MixedPrecision amp,
        @Nullable Double gradNormClip,
        OnNonFinite onNonFinite,
        boolean inBackward) {

    public Optimization {
        checks(weightDecay, beta2, lrLayerDecay, gradNormClip).done();
        checks(inBackward, accumulation, amp, gradNormClip).done();
    }

    /** What needs the gradients of an update all at once, or may scale them, cannot be while they come and go. */
    private static Checks checks(
            boolean inBackward, Accumulation accumulation, MixedPrecision amp, @Nullable Double clip) {
        var conflicts = new ArrayList<String>();
        if (accumulation.iters() != 1) {
            conflicts.add("accum_grad_iters is %d (set run.accum_grad_iters=1)".formatted(accumulation.iters()));
        }
        if (accumulation.normalization() != Normalization.MEAN) {
            conflicts.add("accum_normalization is tokens (set run.accum_normalization=mean, the same for one batch)");
        }
        if (clip != null) {
            conflicts.add("grad_norm_clip is %s (set run.grad_norm_clip=null)".formatted(clip));
        }
        if (amp.on() && amp.dtype() != Precision.BF16) {
            conflicts.add("amp is on, and fp16 would scale gradients (set run.amp_dtype=bf16)");
        }
        return new Checks()
                .that(
                        !inBackward || conflicts.isEmpty(),
                        "optimizer_in_backward",
                        "False, as " + String.join(" and ", conflicts),
                        inBackward);
    }

    private static Checks checks(double weightDecay, double beta2, double lrLayerDecay, @Nullable Double clip) {
        return new Checks()
                .notNegative("weight_decay", weightDecay)
                .that(beta2 >= 0 && beta2 < 1, "beta2", "at least 0 and below 1", beta2)
                .that(lrLayerDecay > 0 && lrLayerDecay <= 1, "lr_layer_decay", "above 0 and up to 1", lrLayerDecay)
                .positive("grad_norm_clip", clip == null ? 1 : clip);
    }

    static Optimization read(Section run, RunLength.@Nullable Iterations iterations, boolean training) {
        var schedule = run.read(section -> schedule(section, iterations, training));
        double weightDecay = run.number("weight_decay", 0.05);
        double beta2 = run.number("beta2", 0.999);
        double lrLayerDecay = run.number("lr_layer_decay", 1);
        var accumulation = run.read(Accumulation::read);
        var amp = run.read(MixedPrecision::read);
        var clip = run.has("grad_norm_clip") ? run.number("grad_norm_clip") : null;
        var onNonFinite = run.read(OnNonFinite::read);
        boolean inBackward = run.flag("optimizer_in_backward", false);
        run.check(checks(weightDecay, beta2, lrLayerDecay, clip));
        if (accumulation != null && amp != null) {
            run.check(checks(inBackward, accumulation, amp, clip));
        }
        return new Optimization(
                Section.present(schedule),
                weightDecay,
                beta2,
                lrLayerDecay,
                Section.present(accumulation),
                Section.present(amp),
                clip,
                Section.present(onNonFinite),
                inBackward);
    }

    private static LrSchedule schedule(Section run, RunLength.@Nullable Iterations iterations, boolean training) {
        var named =
                training || run.has("lr_sched") ? ScheduleType.registry().read(run, "lr_sched") : ScheduleType.CONSTANT;
        var type = named == null ? ScheduleType.CONSTANT : named; // a placeholder, the problem is noted
        int maxEpoch = maxEpoch(run, iterations, training);
        double initLr = training ? run.number("init_lr") : run.number("init_lr", 0);
        double minLr = training ? run.number("min_lr") : run.number("min_lr", 0);
        double warmupLr = run.number("warmup_lr", -1);
        int warmupSteps = run.integer("warmup_steps", 0);
        double decayRate = run.number("lr_decay_rate", 1);
        run.check(new Checks()
                .atLeast("max_epoch", maxEpoch, 1)
                .notNegative("init_lr", initLr)
                .notNegative("min_lr", minLr)
                .atLeast("warmup_steps", warmupSteps, 0)
                .positive("lr_decay_rate", decayRate));
        run.check(!training || minLr <= initLr || !run.isSound("init_lr"), "min_lr", "at most init_lr, " + initLr);
        return new LrSchedule(type, maxEpoch, initLr, minLr, warmupLr, warmupSteps, decayRate);
    }

    private static int maxEpoch(Section run, RunLength.@Nullable Iterations iterations, boolean training) {
        if (iterations != null) {
            return iterations.epochs();
        }
        boolean ofEpochs = run.string("runner", RunLength.BASE).equals(RunLength.BASE);
        return training && ofEpochs ? run.integer("max_epoch") : run.integer("max_epoch", 1);
    }
}
