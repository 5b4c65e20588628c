package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** One way to cut words into tokens: the files that define it, and how tokens become text again. */
sealed interface Scheme permits ByteLevelBpe, WordPiece {

    /** The name of the model in {@code tokenizer.json}. */
    String modelType();

    /** The files that define the scheme where there is no {@code tokenizer.json}; the first holds the tokens. */
    List<String> vocabularyFiles();

    /**
     * The content that {@code tokenizer.json} would have, from the vocabulary files: normalizer, pre-tokenizer and
     * model.
     */
    ObjectNode pipeline(HubFolder folder);

    /** Special tokens where no file names them. */
    Map<SpecialToken, String> defaultTokens();

    /** Special tokens before a text. */
    List<SpecialToken> prefix();

    /** Special tokens after a text. */
    List<SpecialToken> suffix();

    /** The text before anything is looked for in it. */
    String prepare(String text);

    /** Tokens of the model as text; special tokens among them are text, too. */
    String join(List<String> tokens);
}
