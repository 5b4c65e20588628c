package io.lavis4j.model.blip2;

import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of a BLIP-2 model with T5.
 *
 * @param blip2 the half before the language model; its longest text is that of inputs and of outputs
 * @param t5 shape of the language model
 * @param prompt text that the encoder reads where a sample brings none; may be empty
 * @param precision storage of the language model, and what a GPU computes in
 */
public record Blip2T5Config(Blip2Config blip2, T5Config t5, String prompt, Precision precision)
        implements Blip2LanguageConfig {}
