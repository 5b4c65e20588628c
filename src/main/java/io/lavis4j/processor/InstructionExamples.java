package io.lavis4j.processor;

import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Few-shot examples, texts that stand before an instruction: with {@code fewShotProb} there are 1 to
 * {@code numFewShotExamples}, each number equally often, otherwise none.
 *
 * @param examples to draw from
 * @param numFewShotExamples the most that stand before one instruction
 * @param fewShotProb that there are any
 */
public record InstructionExamples(List<Example> examples, int numFewShotExamples, double fewShotProb) {

    /** None, ever. */
    public static final InstructionExamples NONE = new InstructionExamples(List.of(), 0, 0);

    private static final String EXPECTED = "a JSON list of objects with text_output, and text_input for a question";

    /**
     * An example.
     *
     * @param textInput its question; empty for a caption
     * @param textOutput its answer
     */
    public record Example(String textInput, String textOutput) {}

    public InstructionExamples {
        examples = List.copyOf(examples);
        if (fewShotProb < 0 || fewShotProb > 1) {
            throw new IllegalArgumentException("few_shot_prob must be from 0 to 1, got " + fewShotProb);
        }
        if (numFewShotExamples < 0 || numFewShotExamples > examples.size()) {
            throw new IllegalArgumentException(
                    "num_few_shot_examples must be from 0 to the %d examples in the file under few_shot_examples, got %d"
                            .formatted(examples.size(), numFewShotExamples));
        }
        if (fewShotProb > 0 && numFewShotExamples == 0) {
            throw new IllegalArgumentException(
                    "few_shot_prob is %s, but num_few_shot_examples is 0; expected 1 or more".formatted(fewShotProb));
        }
    }

    /**
     * The examples of a file: {@code [{"text_input": "...", "text_output": "..."}]}.
     *
     * @throws java.io.UncheckedIOException if it is not there or cannot be read
     * @throws IllegalArgumentException if it has another form
     */
    public static List<Example> read(Path file) {
        var examples = new ArrayList<Example>();
        for (var node : JsonFile.of(file, EXPECTED).list()) {
            var input = node.path("text_input");
            var output = node.path("text_output");
            if (!output.isTextual() || !(input.isTextual() || input.isMissingNode())) {
                throw new IllegalArgumentException("%s: example %d is %.60s; expected %s"
                        .formatted(file.toAbsolutePath(), examples.size(), JsonText.found(node), EXPECTED));
            }
            examples.add(new Example(input.asText(""), output.textValue()));
        }
        return examples;
    }

    /** Different examples in random order. */
    List<Example> draw(SampleRandom random) {
        if (fewShotProb == 0) {
            return List.of();
        }
        double drawn = random.uniform(0, 1);
        if (drawn >= fewShotProb) {
            return List.of();
        }
        int count = 1 + (int) (drawn / fewShotProb * numFewShotExamples);
        var left = new ArrayList<>(examples);
        var chosen = new ArrayList<Example>();
        while (chosen.size() < count) {
            chosen.add(left.remove(random.integer(0, left.size())));
        }
        return chosen;
    }
}
