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
        return prompt + Words.cleaned(text, maxWords);
    }
}
