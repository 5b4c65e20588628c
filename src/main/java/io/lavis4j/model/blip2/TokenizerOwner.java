package io.lavis4j.model.blip2;

import io.lavis4j.tokenize.Tokenizer;
import java.util.function.Function;

/** The making of a model that will close a tokenizer. */
final class TokenizerOwner {

    private TokenizerOwner() {}

    /** The model that a tokenizer is handed to; where there is none, as it cannot be made, the tokenizer is closed. */
    static <M> M of(Tokenizer tokenizer, Function<Tokenizer, M> model) {
        try {
            return model.apply(tokenizer);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }
}
