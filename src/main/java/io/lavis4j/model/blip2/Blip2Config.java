package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of the half of a BLIP-2 model that comes before its language model.
 *
 * @param vision shape of the vision encoder
 * @param lnVisionEps added to the variance in {@code ln_vision}: 1e-5 in LAVIS, 1e-6 in Hugging Face's port
 * @param qformer shape of the Q-Former
 * @param maxTxtLen longest text in tokens, the one at its start included
 * @param freezeVit the vision encoder is not trained, not saved, and stays in eval mode
 * @param useGradCheckpoint the vision encoder's blocks are recomputed in backward
 * @param recomputeGranularity what of these blocks is recomputed
 * @param vitPrecision storage of the vision encoder's matrices; fp32 where they are trained
 */
public record Blip2Config(
        VisionEncoderConfig vision,
        double lnVisionEps,
        QFormerConfig qformer,
        int maxTxtLen,
        boolean freezeVit,
        boolean useGradCheckpoint,
        GradientCheckpoint.Granularity recomputeGranularity,
        Precision vitPrecision) {

    /** {@code ln_vision}'s epsilon in LAVIS. */
    public static final double LN_VISION_EPS = 1e-5;

    /** The same with blocks that are recomputed in full, if they are. */
    public Blip2Config(
            VisionEncoderConfig vision,
            double lnVisionEps,
            QFormerConfig qformer,
            int maxTxtLen,
            boolean freezeVit,
            boolean useGradCheckpoint,
            Precision vitPrecision) {
        this(
                vision,
                lnVisionEps,
                qformer,
                maxTxtLen,
                freezeVit,
                useGradCheckpoint,
                GradientCheckpoint.Granularity.FULL,
                vitPrecision);
    }

    public Blip2Config {
        require(
                qformer.encoderWidth() == vision.numFeatures(),
                "the Q-Former reads image tokens of width %d, the vision encoder makes %d",
                qformer.encoderWidth(),
                vision.numFeatures());
        require(maxTxtLen >= 2, "maxTxtLen must be at least 2, got %s", maxTxtLen);
        require(
                freezeVit || vitPrecision == Precision.FP32,
                "a trained vision encoder must be stored in fp32, as weights of 16 bits cannot take small steps, got %s; set vitPrecision to FP32 (a GPU computes in 16 bits nevertheless) or freezeVit to true",
                vitPrecision);
    }
}
