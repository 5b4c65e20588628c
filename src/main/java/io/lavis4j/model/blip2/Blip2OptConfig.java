package io.lavis4j.model.blip2;

import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of a BLIP-2 model with OPT.
 *
 * @param blip2 the half before the language model
 * @param opt shape of the language model, whose word vectors have the width of its layers
 * @param prompt text that generation starts with, and whose tokens are no training targets; may be empty
 * @param precision storage of the language model, and what a GPU computes in; a CPU computes in fp32
 */
public record Blip2OptConfig(Blip2Config blip2, OptConfig opt, String prompt, Precision precision)
        implements Blip2LanguageConfig {

    public Blip2OptConfig {
        if (opt.wordEmbedProjDim() != opt.hiddenSize()) {
            throw new IllegalArgumentException(
                    "BLIP-2 needs an OPT whose word vectors are as wide as its layers, got %d and %d; opt-350m is not one"
                            .formatted(opt.wordEmbedProjDim(), opt.hiddenSize()));
        }
    }
}
