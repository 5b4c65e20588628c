package io.lavis4j.zoo;

import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.tokenize.Tokenizer;

/**
 * A model with the tokenizer that it uses; closing it closes both.
 *
 * @param model in train mode
 * @param tokenizer of the language model
 * @param report where the weights came from
 */
public record LoadedBlip2Opt(Blip2Opt model, Tokenizer tokenizer, Blip2OptReport report) implements AutoCloseable {

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
