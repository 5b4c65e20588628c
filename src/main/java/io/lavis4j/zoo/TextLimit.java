package io.lavis4j.zoo;

import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * The length at which a model cuts texts that it learns.
 *
 * @param key of the {@code model} section: {@code max_txt_len}
 * @param tokens longest, special ones included
 * @param isOutput whether it is of {@code text_output}, else of {@code text_input}
 * @param reference folder of the tokenizer, as {@link WeightFiles#tokenizer} finds it
 * @param tokenizer reads that folder
 * @param end that the model puts after every text; may be empty
 */
public record TextLimit(
        String key, int tokens, boolean isOutput, String reference, Function<Path, Tokenizer> tokenizer, String end) {

    static TextLimit ofInput(String key, int tokens, String reference, Function<Path, Tokenizer> tokenizer) {
        return new TextLimit(key, tokens, false, reference, tokenizer, "");
    }

    static TextLimit ofOutput(String key, int tokens, String reference, Function<Path, Tokenizer> tokenizer) {
        return new TextLimit(key, tokens, true, reference, tokenizer, "");
    }

    TextLimit withEnd(String other) {
        return new TextLimit(key, tokens, isOutput, reference, tokenizer, other);
    }

    /**
     * Tokens of a text before it is cut.
     *
     * @param opened by {@link #tokenizer}
     */
    public int length(Tokenizer opened, String text) {
        return opened.encode(text + end, EncodeOptions.plain()).ids().length;
    }
}
