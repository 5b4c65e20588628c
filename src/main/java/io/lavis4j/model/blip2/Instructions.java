package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Instructions as the Q-Former reads them (InstructBLIP, arXiv:2305.06500, section 2.3): cut at a number of tokens, of
 * which the last stay, and padded on the right.
 *
 * @param tokenizer of the Q-Former
 */
record Instructions(Tokenizer tokenizer, EncodeOptions options) {

    /**
     * Instructions of a model.
     *
     * @param tokenizer of the Q-Former; {@code null} where it reads images alone
     * @return {@code null} where it reads images alone
     * @throws IllegalArgumentException if the tokenizer is not the Q-Former's, or is not there if and only if it is
     *     needed
     */
    static @Nullable Instructions of(Blip2Config config, boolean qformerTextInput, @Nullable Tokenizer tokenizer) {
        require(
                qformerTextInput == (tokenizer != null),
                "expected a tokenizer of the Q-Former %s, got %s",
                qformerTextInput ? "as it reads instructions" : "only if it reads instructions",
                tokenizer == null ? "none" : "one");
        if (tokenizer == null) {
            return null;
        }
        require(
                tokenizer.vocabSize() <= config.qformer().vocabSize(),
                "the Q-Former's tokenizer has %d tokens, its word table %d; expected the tokenizer of bert-base-uncased",
                tokenizer.vocabSize(),
                config.qformer().vocabSize());
        return new Instructions(
                tokenizer,
                EncodeOptions.plain()
                        .truncated(config.maxTxtLen(), Side.LEFT)
                        .padded(new Padding.Longest(), Side.RIGHT));
    }

    /**
     * Refuses lengths of texts that cannot be: instructions longer than the Q-Former's positions, too short answers.
     */
    static void requireLengths(Blip2Config config, boolean qformerTextInput, int maxOutputTxtLen) {
        require(maxOutputTxtLen >= 2, "maxOutputTxtLen must be at least 2, got %d", maxOutputTxtLen);
        require(
                !qformerTextInput || config.maxTxtLen() <= config.qformer().maxPositions(),
                "max_txt_len is %d; expected at most %d, the positions of the Q-Former",
                config.maxTxtLen(),
                config.qformer().maxPositions());
    }

    /** B rows of tokens. */
    BatchEncoding encode(List<String> texts) {
        return tokenizer.encode(texts, options);
    }
}
