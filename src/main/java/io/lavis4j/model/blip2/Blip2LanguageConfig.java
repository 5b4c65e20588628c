package io.lavis4j.model.blip2;

import io.lavis4j.tensor.Precision;

/** What the shapes of all BLIP-2 models with a language model have. */
public sealed interface Blip2LanguageConfig
        permits Blip2OptConfig, Blip2T5Config, Blip2T5InstructConfig, Blip2VicunaInstructConfig {

    /** The half before the language model. */
    Blip2Config blip2();

    /** Text that generation starts with where a sample brings none; may be empty. */
    String prompt();

    /** Storage of the language model, and what a GPU computes in. */
    Precision precision();
}
