package io.lavis4j.processor;

/**
 * LAVIS's {@code blip_question}: lower case without punctuation. Unlike in captions, words that only punctuation
 * separates become one.
 *
 * @param maxWords words that are kept, at least 1
 */
public record BlipQuestion(int maxWords) implements TextProcessor {

    public BlipQuestion {
        Words.requirePositive(maxWords);
    }

    @Override
    public String process(String text) {
        String bare = Words.PUNCTUATION.matcher(Words.lowerCase(text)).replaceAll("");
        return Words.first(maxWords, Words.stripTrailing(bare, ' '));
    }

    /** Always empty. */
    @Override
    public String prompt() {
        return "";
    }
}
