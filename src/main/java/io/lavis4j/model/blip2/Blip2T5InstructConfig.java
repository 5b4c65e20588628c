package io.lavis4j.model.blip2;

import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of InstructBLIP with T5.
 *
 * @param blip2 the half before the language model; its {@code maxTxtLen} is that of instructions
 * @param t5 shape of the language model
 * @param prompt instruction where a sample brings none; may be empty
 * @param maxOutputTxtLen longest answer to learn in tokens, the end included
 * @param qformerTextInput whether the Q-Former reads the instruction too
 * @param precision storage of the language model, and what a GPU computes in
 */
public record Blip2T5InstructConfig(
        Blip2Config blip2,
        T5Config t5,
        String prompt,
        int maxOutputTxtLen,
        boolean qformerTextInput,
        Precision precision)
        implements Blip2LanguageConfig {

    public Blip2T5InstructConfig {
        Instructions.requireLengths(blip2, qformerTextInput, maxOutputTxtLen);
    }
}
