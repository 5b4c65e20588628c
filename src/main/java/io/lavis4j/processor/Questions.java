package io.lavis4j.processor;

import static io.lavis4j.io.Arguments.require;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The texts of a batch of B images that go into prompts, under LAVIS's names, and the prompts that LAVIS makes of them
 * (InstructBLIP, arXiv:2305.06500). A list is empty where samples lack it, otherwise it has B elements.
 *
 * <p>Difference from LAVIS: an empty context, history or caption adds nothing to its own prompt, where LAVIS looks at
 * the first sample alone, and adds an empty context.
 *
 * @param textInput {@code text_input}: questions
 * @param ocrTokens {@code ocr_tokens}: words read in each image
 * @param choices {@code choices}: answers to choose from
 * @param context {@code context}: what is known besides the image
 * @param history {@code history}: dialogue before the question
 * @param caption {@code caption}: of the image
 */
public record Questions(
        List<String> textInput,
        List<List<String>> ocrTokens,
        List<List<String>> choices,
        List<String> context,
        List<String> history,
        List<String> caption) {

    private static final String PLACE = "{}";
    private static final int MAX_OCR_TOKENS = 30;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    public Questions {
        textInput = List.copyOf(textInput);
        ocrTokens = ocrTokens.stream().map(List::copyOf).toList();
        choices = choices.stream().map(List::copyOf).toList();
        context = List.copyOf(context);
        history = List.copyOf(history);
        caption = List.copyOf(caption);
    }

    /** Questions alone. */
    public static Questions of(List<String> textInput) {
        return new Questions(textInput, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /** The same with words read in each image. */
    public Questions withOcrTokens(List<List<String>> value) {
        return new Questions(textInput, value, choices, context, history, caption);
    }

    /** The same with answers to choose from. */
    public Questions withChoices(List<List<String>> value) {
        return new Questions(textInput, ocrTokens, value, context, history, caption);
    }

    /** The same with what is known besides each image. */
    public Questions withContext(List<String> value) {
        return new Questions(textInput, ocrTokens, choices, value, history, caption);
    }

    /** The same with the dialogue before each question. */
    public Questions withHistory(List<String> value) {
        return new Questions(textInput, ocrTokens, choices, context, value, caption);
    }

    /** The same with a caption of each image. */
    public Questions withCaption(List<String> value) {
        return new Questions(textInput, ocrTokens, choices, context, history, value);
    }

    /**
     * The prompts of LAVIS's {@code predict_answers}.
     *
     * @param template empty for the questions alone; one place <code>{}</code> is for the question; of two, the first
     *     is for the OCR tokens and the second for the question, or, where there are none, the first for the question
     *     and the second for the choices, as {@code (a) red (b) blue}
     * @return B prompts
     * @throws IllegalArgumentException if the template has places that nothing is there for
     */
    public List<String> answerPrompts(String template) {
        if (template.isEmpty()) {
            return textInput;
        }
        if (places(template) != 2) {
            return each(i -> fill(template, List.of(textInput.get(i))));
        }
        if (!ocrTokens.isEmpty()) {
            requireCount("ocr_tokens", ocrTokens, textInput.size());
            return each(i -> fill(template, List.of(ocr(i), textInput.get(i))));
        }
        if (!choices.isEmpty()) {
            requireCount("choices", choices, textInput.size());
            return each(i -> fill(template, List.of(textInput.get(i), lettered(choices.get(i)))));
        }
        throw new IllegalArgumentException(
                "prompt \"%s\" has two places {}, one of them for OCR tokens or choices, and the samples have neither; expected ocr_tokens or choices, or one place for the question"
                        .formatted(template));
    }

    private List<String> each(IntFunction<String> prompt) {
        return IntStream.range(0, textInput.size()).mapToObj(prompt).toList();
    }

    /**
     * The prompts of LAVIS's {@code generate}: where there are OCR tokens and the first prompt has a place <code>{}
     * </code>, it is for these.
     *
     * @param prompts B texts
     */
    public List<String> generatePrompts(List<String> prompts) {
        if (ocrTokens.isEmpty() || prompts.isEmpty() || places(prompts.get(0)) == 0) {
            return prompts;
        }
        requireCount("ocr_tokens", ocrTokens, prompts.size());
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> fill(prompts.get(i), List.of(ocr(i))))
                .toList();
    }

    /**
     * The prompts of LAVIS's {@code predict_class}: questions in their places, and before them caption, history and
     * context, in this order.
     *
     * @param prompts B texts, each with at most one place <code>{}</code>
     */
    public List<String> classPrompts(List<String> prompts) {
        var filled = new ArrayList<>(prompts);
        if (!textInput.isEmpty()) {
            requireCount("text_input", textInput, prompts.size());
            for (int i = 0; i < filled.size(); i++) {
                filled.set(i, fill(filled.get(i), List.of(textInput.get(i))));
            }
        }
        prefix(filled, "context", context, "context: %s. ");
        prefix(filled, "history", history, "dialog history: %s\n");
        prefix(filled, "caption", caption, "This image has the caption \"%s\". ");
        return List.copyOf(filled);
    }

    private static void prefix(List<String> prompts, String key, List<String> values, String form) {
        if (values.isEmpty()) {
            return;
        }
        requireCount(key, values, prompts.size());
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                prompts.set(i, form.formatted(values.get(i)) + prompts.get(i));
            }
        }
    }

    private String ocr(int sample) {
        return ocrTokens.get(sample).stream().limit(MAX_OCR_TOKENS).collect(Collectors.joining(", "));
    }

    private static String lettered(List<String> choices) {
        require(
                choices.size() <= LETTERS.length(),
                "expected at most %d choices, one for each letter, got %d",
                LETTERS.length(),
                choices.size());
        return IntStream.range(0, choices.size())
                .mapToObj(i -> "(%s) %s".formatted(LETTERS.charAt(i), choices.get(i)))
                .collect(Collectors.joining(" "));
    }

    /** Puts values in a template's places, from the left; values without a place are left out, as in Python. */
    private static String fill(String template, List<String> values) {
        String[] parts = template.split("\\{}", -1);
        if (parts.length - 1 > values.size()) {
            throw new IllegalArgumentException("prompt \"%s\" has %d places {}; expected at most %d here"
                    .formatted(template, parts.length - 1, values.size()));
        }
        var filled = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            filled.append(values.get(i - 1)).append(parts[i]);
        }
        return filled.toString();
    }

    private static int places(String template) {
        return (template.length() - template.replace(PLACE, "").length()) / PLACE.length();
    }

    private static void requireCount(String key, List<?> values, int expected) {
        if (values.size() != expected) {
            throw new IllegalArgumentException(
                    "expected %s of each of %d samples, got %d; leave it empty, or give one for each"
                            .formatted(key, expected, values.size()));
        }
    }
}
