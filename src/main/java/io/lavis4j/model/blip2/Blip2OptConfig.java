package io.lavis4j.model.blip2;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of a BLIP-2 model with OPT.
 *
 * @param vision shape of the vision encoder
 * @param lnVisionEps added to the variance in {@code ln_vision}: 1e-5 in LAVIS, 1e-6 in Hugging Face's port
 * @param qformer shape of the Q-Former
 * @param opt shape of the language model, whose word vectors have the width of its layers
 * @param prompt text that generation starts with, and whose tokens are no training targets; may be empty
 * @param maxTxtLen longest text in tokens, the one at its start included
 * @param freezeVit the vision encoder is not trained, not saved, and stays in eval mode
 * @param useGradCheckpoint the vision encoder's blocks are recomputed in backward
 * @param vitPrecision storage of the vision encoder's matrices
 * @param optPrecision storage of the language model
 */
public record Blip2OptConfig(
        VisionEncoderConfig vision,
        double lnVisionEps,
        QFormerConfig qformer,
        OptConfig opt,
        String prompt,
        int maxTxtLen,
        boolean freezeVit,
        boolean useGradCheckpoint,
        Precision vitPrecision,
        Precision optPrecision) {

    public Blip2OptConfig {
        if (qformer.encoderWidth() != vision.numFeatures()) {
            throw new IllegalArgumentException(
                    "the Q-Former reads image tokens of width %d, the vision encoder makes %d"
                            .formatted(qformer.encoderWidth(), vision.numFeatures()));
        }
        if (opt.wordEmbedProjDim() != opt.hiddenSize()) {
            throw new IllegalArgumentException(
                    "BLIP-2 needs an OPT whose word vectors are as wide as its layers, got %d and %d; opt-350m is not one"
                            .formatted(opt.wordEmbedProjDim(), opt.hiddenSize()));
        }
        if (maxTxtLen < 2) {
            throw new IllegalArgumentException("maxTxtLen must be at least 2, got " + maxTxtLen);
        }
    }
}
