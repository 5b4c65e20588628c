package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** One way to cut words into tokens: the files that define it, and how tokens become text again. */
sealed interface Scheme permits ByteLevelBpe, SentencePieceBpe, SentencePieceUnigram, WordPiece {

    /**
     * Whether the reference is the fast class: white space around special tokens stays unless their file says
     * otherwise, decoding puts no spaces between them, and ids that no token has are left out.
     */
    default boolean fast() {
        return false;
    }

    /** The name of the model in {@code tokenizer.json}. */
    String modelType();

    /** The files that define the scheme where there is no {@code tokenizer.json}; the first holds the tokens. */
    List<String> vocabularyFiles();

    /**
     * The content that {@code tokenizer.json} would have, from the vocabulary files: normalizer, pre-tokenizer and
     * model.
     */
    ObjectNode pipeline(HubFolder folder);

    /** Sets what the reference does its own way, whatever the file of a pipeline says. */
    void settle(ObjectNode pipeline, String unknownToken);

    /**
     * Adds to a settled {@link #pipeline} what transformers does outside of the native library here: the way back to
     * text, and what {@link #prepare} does.
     */
    void complete(ObjectNode pipeline);

    /** Special tokens where no file names them. */
    Map<SpecialToken, String> defaultTokens();

    /** Special tokens without a role where no file names any. */
    default List<String> defaultOthers() {
        return List.of();
    }

    /** Whether spaces in decoded text are cleaned up where no file says so. */
    default boolean cleansUpSpaces() {
        return true;
    }

    /** Special tokens before a text. */
    List<SpecialToken> prefix();

    /** Special tokens after a text. */
    List<SpecialToken> suffix();

    /** The text before anything is looked for in it. */
    String prepare(String text);

    /** Whether a first stretch holds only what {@link #prepare} put there and vanishes before a special token. */
    default boolean isPreparationAlone(String stretch) {
        return false;
    }

    /** Tokens as text, at least one; special ones among them are text, too. */
    String join(List<String> tokens, Vocabulary vocabulary);
}
