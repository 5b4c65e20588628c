package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.image.Box;
import io.lavis4j.model.Texts;
import io.lavis4j.processor.BlipInstruction;
import io.lavis4j.processor.BlipInstruction.Task;
import io.lavis4j.processor.InstructionExamples;
import io.lavis4j.processor.InstructionTemplates;
import io.lavis4j.processor.Questions;
import io.lavis4j.processor.TextProcessor;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Sherlock's records as instructions and answers. */
class InstructedSherlockTest {

    private static final BlipInstruction ASKS =
            new BlipInstruction(Task.CAPTION, "", 50, InstructionTemplates.bundled(), InstructionExamples.NONE);

    private static SherlockRecord record() {
        return new SherlockRecord(
                "VG_100K/1.jpg", 40, 30, List.of(new Box(1, 2, 3, 4)), "A Sign.", 2.0, 0, "It Rains!", "abc", null);
    }

    private static List<Texts> epoch(int epoch, int workers, String... options) {
        var all = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "model.arch=blip2_t5",
                "datasets.sherlock_caption.text_processor.train.name=blip_instruction",
                "datasets.sherlock_caption.text_processor.train.prompt="));
        all.addAll(List.of(options));
        var config = JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", all, name -> null));
        var source = config.data().datasets().get(0).open("train", true);
        var texts = new ArrayList<Texts>();
        try (var loader = new DataLoader(source, LoaderConfig.training(16, workers, 42), Devices.cpu(), null);
                var batches = loader.epoch(epoch)) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                try (var batch = batches.next()) {
                    texts.add(batch.texts());
                }
            }
        }
        return texts;
    }

    @Test
    void aCaptionIsTheAnswerToAnInstructionThatEachSampleDraws() {
        var texts = epoch(0, 0);
        assertThat(texts).hasSize(4);
        var known = InstructionTemplates.bundled().caption();
        for (var batch : texts) {
            assertThat(batch.output()).hasSize(16).allMatch(answer -> answer.equals(answer.toLowerCase(Locale.ROOT)));
            assertThat(batch.output()).noneMatch(known::contains);
            assertThat(batch.input()).hasSize(16).allMatch(known::contains);
        }
        assertThat(texts.stream().flatMap(batch -> batch.input().stream()).distinct())
                .hasSizeGreaterThan(8);
    }

    @Test
    void drawsDependOnSeedEpochAndSampleAlone() {
        assertThat(inputs(epoch(1, 2))).isEqualTo(inputs(epoch(1, 0))).isNotEqualTo(inputs(epoch(0, 0)));
    }

    private static List<List<String>> inputs(List<Texts> texts) {
        return texts.stream().map(Texts::input).toList();
    }

    @Test
    void aClueIsTheQuestionAndGenerationAsksIt() {
        var mapper = SherlockMapper.INFERENCE_GIVEN_CLUE;
        assertThat(mapper.textInput(record(), ASKS)).isEqualTo("Clue: a sign Inference:");
        assertThat(mapper.prompt(record(), ASKS)).isEqualTo("Clue: a sign Inference:");
        assertThat(mapper.textOutput(record(), ASKS)).isEqualTo("it rains");

        var texts = epoch(0, 0, "datasets.sherlock_caption.mapper=inference_given_clue");
        assertThat(texts.get(0).input()).allMatch(question -> question.matches("Clue: .* Inference:"));
        assertThat(texts.get(0).output()).noneMatch(answer -> answer.contains("Clue"));
    }

    /** What an image shows as text, and answers to choose from: prompts are the mapper's. */
    private static final class Reading implements SampleMapper {

        @Override
        public String textInput(SherlockRecord record, TextProcessor text) {
            return prompt(record, text);
        }

        @Override
        public String textOutput(SherlockRecord record, TextProcessor text) {
            return text.process(record.inference());
        }

        @Override
        public boolean hasTextOutput(TextProcessor text) {
            return true;
        }

        @Override
        public String prompt(SherlockRecord record, TextProcessor text) {
            var questions = Questions.of(List.of("what is going on?"));
            String ocr = questions
                    .withOcrTokens(List.of(List.of("STOP", "main st")))
                    .answerPrompts("OCR tokens: {}. Question: {} Short answer:")
                    .get(0);
            String choices = questions
                    .withChoices(List.of(List.of("it rains", "it snows")))
                    .answerPrompts("Question: {} Options: {}. Short answer:")
                    .get(0);
            return ocr + " it snows\n" + choices; // the first is an example
        }
    }

    @Test
    void aMapperMakesPromptsWithOcrTokensChoicesAndExamples() {
        String prompt = "OCR tokens: STOP, main st. Question: what is going on? Short answer: it snows\n"
                + "Question: what is going on? Options: (a) it rains (b) it snows. Short answer:";
        assertThat(new Reading().prompt(record(), ASKS)).isEqualTo(prompt);

        var config = JobConfig.read(Configuration.load(
                "finetune/caption_sherlock_mini.yaml",
                List.of(
                        "data_root=src/test/resources/sherlock_mini",
                        "model.arch=blip2_vicuna_instruct",
                        "datasets.sherlock_caption.text_processor.train.name=blip_instruction"),
                name -> null));
        var sherlock = config.data().first(SherlockConfig.class, "Sherlock").withMapper(new Reading());
        assertThat(sherlock.hasTextOutput()).isTrue();
        var source = sherlock.open("val", false);
        try (var loader = new DataLoader(source, LoaderConfig.evaluation(4, 0), Devices.cpu(), null);
                var batches = loader.epoch(0);
                var batch = batches.next()) {
            assertThat(batch.prompts()).hasSize(4).containsOnly(prompt);
            assertThat(batch.texts().input()).containsOnly(prompt);
            assertThat(batch.texts().output()).hasSize(4).doesNotContain(prompt);
        }
    }
}
