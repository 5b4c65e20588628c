package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.processor.BlipInstruction.Task;
import io.lavis4j.processor.InstructionExamples.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlipInstructionTest {

    private static final InstructionTemplates OWN = new InstructionTemplates(
            List.of("Say it.", "A Photo of "), List.of("Q: {} A:"), List.of("which?"), List.of("It is {}"));
    private static final SampleRandom NO_DRAWS = new NoSampleRandom();

    @TempDir
    private Path folder = Path.of("");

    private static BlipInstruction processor(Task task, String prompt) {
        return new BlipInstruction(task, prompt, 50, OWN, InstructionExamples.NONE);
    }

    private static SampleRandom draws(long sample) {
        return SeededSampleRandom.of(42, 3, sample);
    }

    private static BlipInstruction read(Map<String, Object> values) {
        var section = Section.root(values);
        var read = TextProcessors.read(section);
        section.requireValid();
        assertThat(read).isInstanceOf(BlipInstruction.class);
        return (BlipInstruction) Section.present(read);
    }

    private static void assertProblem(Map<String, Object> values, String... parts) {
        var section = Section.root(values);
        TextProcessors.read(section);
        assertThatThrownBy(section::requireValid)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void aCaptionAnswersATemplateThatItsSampleDraws() {
        var captions = processor(Task.CAPTION, "");
        var drawn = new HashSet<String>();
        for (int i = 0; i < 100; i++) {
            String instruction = captions.instruction("", draws(i));
            assertThat(captions.instruction("", draws(i))).isEqualTo(instruction);
            drawn.add(instruction);
        }
        assertThat(drawn).containsExactlyInAnyOrder("say it.", "a photo of");
        assertThat(captions.process(" A dog. Sleeps!\t")).isEqualTo("a dog sleeps");
        assertThat(captions.answer("a dog", NO_DRAWS)).isEqualTo("a dog");
        assertThat(captions.prompt()).isEmpty();
    }

    @Test
    void thePromptStandsBeforeATemplate() {
        assertThat(processor(Task.CLASSIFICATION, "Well, ").instruction("", draws(0)))
                .isEqualTo("well, which?");
    }

    @Test
    void aQuestionTakesItsPlaceInATemplate() {
        assertThat(processor(Task.QA, "").instruction("Is it {red}??", draws(0)))
                .isEqualTo("q: is it {red}? a:");
    }

    @Test
    void otherTasksLeaveAQuestionAsItIs() {
        for (var task : List.of(Task.CAPTION, Task.CLASSIFICATION, Task.EVAL)) {
            assertThat(processor(task, "Look. ").instruction("Clue: a Dog Inference:", NO_DRAWS))
                    .isEqualTo("Clue: a Dog Inference:");
        }
    }

    @Test
    void evaluationAsksWithThePromptAlone() {
        assertThat(processor(Task.EVAL, "Inference:").instruction("", NO_DRAWS)).isEqualTo("Inference:");
    }

    @Test
    void aLabelGetsItsArticle() {
        var labels = processor(Task.CLASSIFICATION, "");
        assertThat(labels.answer("apple", draws(0))).isEqualTo("it is an apple");
        assertThat(labels.answer("dog", draws(0))).isEqualTo("it is a dog");
    }

    @Test
    void examplesStandBeforeTheInstructionInItsForm() {
        var examples = new InstructionExamples(List.of(new Example("Who?", "A man")), 1, 1);
        assertThat(new BlipInstruction(Task.QA, "", 50, OWN, examples).instruction("Why?", draws(0)))
                .isEqualTo("q: who? a: a man\nq: why? a:");
        assertThat(new BlipInstruction(Task.EVAL, "Inference:", 50, OWN, examples).instruction("", draws(0)))
                .isEqualTo("Inference: A man\nInference:");
    }

    @Test
    void examplesAreAsManyAsTheReferenceDraws() {
        var all = List.of(new Example("", "a"), new Example("", "b"), new Example("", "c"));
        var examples = new InstructionExamples(all, 2, 0.5);
        var counts = new HashMap<Integer, Integer>();
        for (int i = 0; i < 4000; i++) {
            var drawn = examples.draw(draws(i));
            assertThat(drawn).doesNotHaveDuplicates();
            counts.merge(drawn.size(), 1, Integer::sum);
        }
        assertThat(counts).containsOnlyKeys(0, 1, 2);
        assertThat(counts.get(0)).isBetween(1900, 2100);
        assertThat(counts.get(1)).isBetween(900, 1100);
        assertThat(InstructionExamples.NONE.draw(NO_DRAWS)).isEmpty();
    }

    @Test
    void argumentsHaveTheDefaultsOfLavisAndTheTemplatesOfThisLibrary() {
        assertThat(read(Map.of("name", "blip_instruction")))
                .isEqualTo(new BlipInstruction(
                        Task.CAPTION, "", 50, InstructionTemplates.bundled(), InstructionExamples.NONE));
        assertThat(InstructionTemplates.bundled().caption())
                .hasSizeGreaterThan(9)
                .doesNotHaveDuplicates();
        assertThat(InstructionTemplates.bundled().qa()).hasSizeGreaterThan(5);
        assertThat(InstructionTemplates.bundled().classification()).hasSizeGreaterThan(3);
    }

    @Test
    void filesReplaceTemplatesAndGiveExamples() throws IOException {
        var templates = Files.writeString(folder.resolve("t.json"), "{\"caption\": [\"What now?\"]}");
        var examples = Files.writeString(folder.resolve("e.json"), "[{\"text_output\": \"rain\"}]");
        var read = read(Map.of(
                "name",
                "blip_instruction",
                "templates",
                templates.toString(),
                "few_shot_examples",
                examples.toString(),
                "num_few_shot_examples",
                1,
                "few_shot_prob",
                1));
        assertThat(read.instruction("", draws(0))).isEqualTo("what now? rain\nwhat now?");
    }

    @Test
    void whatIsWrongWithArgumentsAndFilesIsSaid() throws IOException {
        assertProblem(Map.of("name", "blip_instruction", "modality", "audio"), "modality must be image", "\"audio\"");
        assertProblem(Map.of("name", "blip_instruction", "task", "qu"), "task is \"qu\"", "qa");
        assertProblem(Map.of("name", "blip_instruction", "templates", "nowhere.json"), "templates", "is not there");
        assertProblem(Map.of("name", "blip_instruction", "few_shot_prob", 0.5), "num_few_shot_examples is 0");
        assertProblem(Map.of("name", "blip_instruction", "num_few_shot_examples", 2), "from 0 to the 0 examples");
        var file = folder.resolve("t.json");
        for (var wrong : Map.of(
                        "{\"captions\": []}", "\"captions\" is unknown",
                        "{\"caption\": \"x\"}", "caption has \"x\"; expected a list of texts",
                        "{\"caption\": [1]}", "caption has 1; expected a list of texts",
                        "{\"qa\": [\"why?\"]}", "qa has the template \"why?\"; expected a text with one place {}",
                        "{\"caption\": [\"{} ?\"]}", "expected a text with no place {}",
                        "{\"qa\": [\"{}\"]}", "the templates have none for the task caption")
                .entrySet()) {
            Files.writeString(file, wrong.getKey());
            assertProblem(Map.of("name", "blip_instruction", "templates", file.toString()), wrong.getValue());
        }
        Files.writeString(file, "[{\"text_input\": \"x\"}]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InstructionExamples.read(file))
                .withMessageContaining("example 0 is {\"text_input\":\"x\"}; expected ");
    }
}
