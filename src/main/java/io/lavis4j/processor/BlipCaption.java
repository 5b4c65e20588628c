package io.lavis4j.processor;

/**
 * LAVIS's {@code blip_caption}: the prompt, then the caption in lower case, its punctuation replaced by spaces.
 *
 * <p>Commas, question marks, apostrophes, hyphens and slashes stay; the prompt is used as it is.
 *
 * @param prompt what every result begins with
 * @param maxWords words of the caption that are kept, at least 1
 */
public record BlipCaption(String prompt, int maxWords) implements TextProcessor {

    public BlipCaption {
        Words.requirePositive(maxWords);
    }

    @Override
    public String process(String text) {
        String spaced = Words.PUNCTUATION.matcher(Words.lowerCase(text)).replaceAll(" ");
        String single = Words.WHITESPACE_RUN.matcher(spaced).replaceAll(" ");
        return prompt + Words.first(maxWords, Words.strip(Words.stripTrailing(single, '\n')));
    }
}
