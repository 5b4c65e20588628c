package io.lavis4j.processor;

import java.util.stream.Collectors;

/**
 * LAVIS's {@code blip_instruction}: instructions by templates, captions and answers in lower case and without
 * punctuation.
 *
 * <p>Differences from LAVIS: the sentences are this library's own and can be {@linkplain InstructionTemplates
 * replaced}; a question under {@link Task#CAPTION} and {@link Task#EVAL} stays as the data set made it; a label's
 * article goes by its first letter, where LAVIS asks a dictionary of pronunciation; few-shot examples are texts, which
 * stand here and not in a model.
 *
 * @param task kind of instruction
 * @param start key {@code prompt}: what every instruction begins with
 * @param maxWords words of a caption or answer that are kept, at least 1
 * @param templates to draw from; there must be some for the task
 * @param examples few-shot examples before an instruction
 */
public record BlipInstruction(
        Task task, String start, int maxWords, InstructionTemplates templates, InstructionExamples examples)
        implements InstructionProcessor {

    private static final String VOWELS = "aeiou";

    /** Kinds of instructions. */
    public enum Task {
        /** A template where there is no question, else the question. */
        CAPTION,
        /** A template with the question in its place. */
        QA,
        /** As {@link #CAPTION}; the answer is a sentence around a label and its article. */
        CLASSIFICATION,
        /** The prompt where there is no question, else the question. */
        EVAL
    }

    public BlipInstruction {
        Words.requirePositive(maxWords);
        if (task != Task.EVAL && templates.of(task).isEmpty()) {
            throw new IllegalArgumentException(
                    "the templates have none for the task %1$s; expected a list of texts under \"%1$s\""
                            .formatted(InstructionTemplates.key(task)));
        }
    }

    /** A caption or answer, cleaned. */
    @Override
    public String process(String text) {
        String cleaned = Words.cleaned(text, maxWords);
        return task == Task.EVAL ? cleaned : Words.stripWhitespace(cleaned);
    }

    /** Empty: no caption or answer begins with the prompt. */
    @Override
    public String prompt() {
        return "";
    }

    @Override
    public String instruction(String question, SampleRandom random) {
        boolean own = task != Task.QA && !question.isEmpty();
        String template = own ? InstructionTemplates.PLACE : task == Task.EVAL ? start : drawn(random);
        String text = examples.draw(random).stream()
                        .map(example -> filled(template, example.textInput()) + " " + example.textOutput() + "\n")
                        .collect(Collectors.joining())
                + filled(template, question);
        return own || task == Task.EVAL ? text : Words.stripWhitespace(Words.lowerCase(text));
    }

    private String drawn(SampleRandom random) {
        return start + InstructionTemplates.draw(templates.of(task), random);
    }

    private String filled(String template, String words) {
        String text = template.replace(InstructionTemplates.PLACE, words);
        return task == Task.QA ? text.replace("??", "?") : text;
    }

    @Override
    public String answer(String text, SampleRandom random) {
        if (task != Task.CLASSIFICATION) {
            return text;
        }
        String article = !text.isEmpty() && VOWELS.indexOf(text.charAt(0)) >= 0 ? "an " : "a ";
        return Words.lowerCase(filled(InstructionTemplates.draw(templates.label(), random), article + text));
    }
}
