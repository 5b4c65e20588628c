package io.lavis4j.runner;

import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.tensor.Precision;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The 16 bits that training computes in. What is trained is stored in fp32 all the while: these are the master copies,
 * which autocast rounds where they are used and whose gradients come back in fp32. Evaluation is not in it, as in
 * LAVIS.
 *
 * @param on key {@code amp}
 * @param dtype ours, key {@code amp_dtype}: fp16 or bf16; {@code null} for the model's on a GPU, and bf16 on a CPU
 */
public record MixedPrecision(boolean on, @Nullable Precision dtype) {

    private static final Logger LOG = LoggerFactory.getLogger(MixedPrecision.class);
    private static final String DTYPE = "amp_dtype";

    /** Training in the precision of the weights. */
    static final MixedPrecision OFF = new MixedPrecision(false, null);

    static MixedPrecision read(Section run) {
        boolean on = run.flag("amp", false);
        if (!run.has(DTYPE)) {
            return new MixedPrecision(on, null);
        }
        var dtype = run.choice(DTYPE, Precision.class);
        run.check(dtype != Precision.FP32, DTYPE, "fp16 or bf16; fp32 is run.amp=False");
        if (!on) {
            run.problem(DTYPE, "is %s, and run.amp is False; set run.amp=True or remove amp_dtype".formatted(dtype));
        }
        return new MixedPrecision(on, dtype);
    }

    /**
     * The precision of training a model: fp16, whose gradients are scaled, bf16, or fp32 for none. A CPU takes bf16 in
     * place of a model's fp16, which it multiplies slowly.
     */
    Precision of(BaseModel model, Device device) {
        if (!on) {
            return Precision.FP32;
        }
        if (dtype != null) {
            if (dtype == Precision.FP16 && device.is_cpu()) {
                LOG.warn("run.amp_dtype=fp16 is many times slower on a CPU than bf16 or fp32");
            }
            return dtype;
        }
        var own = model instanceof TrainableModel trainable ? trainable.precision() : Precision.FP32;
        if (own == Precision.FP32) {
            LOG.warn("run.amp is on, but the model is one of fp32: training in it; run.amp_dtype=bf16 overrides that");
        } else if (own == Precision.FP16 && device.is_cpu()) {
            LOG.warn("run.amp is on: a CPU trains in bf16, not in the model's fp16, unless run.amp_dtype says so");
            return Precision.BF16;
        }
        return own;
    }
}
