package io.lavis4j.model.blip2;

import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of InstructBLIP with Vicuna.
 *
 * @param blip2 the half before the language model; its {@code maxTxtLen} is that of instructions
 * @param llama shape of the language model, {@linkplain LlamaConfig#withPadToken() with the word for padding}
 * @param prompt instruction where a sample brings none; may be empty
 * @param maxOutputTxtLen longest answer to learn in tokens, the one at its start included
 * @param qformerTextInput whether the Q-Former reads the instruction too
 * @param precision storage of the language model, and what a GPU computes in; a CPU computes in fp32
 */
public record Blip2VicunaInstructConfig(
        Blip2Config blip2,
        LlamaConfig llama,
        String prompt,
        int maxOutputTxtLen,
        boolean qformerTextInput,
        Precision precision)
        implements Blip2LanguageConfig {

    public Blip2VicunaInstructConfig {
        Instructions.requireLengths(blip2, qformerTextInput, maxOutputTxtLen);
    }
}
