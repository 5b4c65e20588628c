package io.lavis4j.dataset.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.DatasetType;
import io.lavis4j.dataset.Sample;
import io.lavis4j.fixture.AokVqaFixture;
import io.lavis4j.fixture.CocoVqaFixture;
import io.lavis4j.fixture.GqaFixture;
import io.lavis4j.fixture.OkVqaFixture;
import io.lavis4j.fixture.VgVqaFixture;
import io.lavis4j.processor.BlipInstruction;
import io.lavis4j.processor.BlipQuestion;
import io.lavis4j.processor.InstructionExamples;
import io.lavis4j.processor.InstructionTemplates;
import io.lavis4j.processor.SeededSampleRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VqaDatasetTest {

    private static final BlipQuestion QUESTION = new BlipQuestion(50);
    private static final List<String> COLOURS = List.of("red", "green", "blue", "white");

    @TempDir
    private Path root = Path.of("");

    @BeforeEach
    void writeAll() {
        CocoVqaFixture.write(root);
        OkVqaFixture.write(root);
        AokVqaFixture.write(root);
        GqaFixture.write(root);
        VgVqaFixture.write(root);
    }

    /** A data set as its default file of a type describes it. */
    private VqaConfig config(String name, String type, String... options) {
        var all = new ArrayList<>(List.of("datasets.%s.data_type=images".formatted(name)));
        all.addAll(List.of(options));
        var configuration = Configuration.load("dataset/%s_%s.yaml".formatted(name, type), all, variable -> null);
        return configuration.bind(tree -> (VqaConfig) tree.section("datasets")
                .read(sets -> sets.section(name).read(entry -> DatasetType.read(name, entry, root))));
    }

    private VqaDataset open(String name, String type, String split, boolean training) {
        return VqaDataset.read(config(name, type), split, training);
    }

    private static List<Sample> samples(VqaDataset dataset) {
        return IntStream.range(0, dataset.size())
                .mapToObj(i -> dataset.sample(i, QUESTION))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "coco_vqa, default, train, 12",
        "ok_vqa, default, train, 8",
        "aok_vqa, default, train, 8",
        "gqa, default, train, 8",
        "vg_vqa, default, train, 8"
    })
    void everyTrainingSampleHasItsImageAndAnswers(String name, String type, String split, int count) {
        var dataset = open(name, type, split, true);
        assertThat(samples(dataset)).hasSize(count).allSatisfy(sample -> {
            assertThat(sample.image()).isRegularFile();
            assertThat(sample.texts().textInput()).startsWith("what colour is image ");
            assertThat(sample.texts().textOutputs()).hasSize(name.equals("gqa") || name.equals("vg_vqa") ? 1 : 10);
            assertThat(sample.texts().weight()).isEqualTo(1);
        });
        assertThat(dataset.leftOut()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "coco_vqa, default, val, 10", "coco_vqa, eval, val, 10", "ok_vqa, default, test, 10",
        "aok_vqa, default, val, 10", "gqa, default, val, 1", "gqa, balanced_val, val, 1",
        "gqa, balanced_testdev, val, 1", "coco_vqa, default, test, 0", "aok_vqa, default, test, 0",
        "gqa, default, test, 0"
    })
    void everyEvaluatedSampleHasItsImageAndReferences(String name, String type, String split, int references) {
        var dataset = open(name, type, split, false);
        assertThat(samples(dataset)).hasSizeGreaterThan(1).allSatisfy(sample -> {
            assertThat(sample.image()).isRegularFile();
            assertThat(sample.texts().references()).hasSize(references);
            assertThat(sample.texts().candidates()).isEqualTo(name.equals("gqa") ? List.of() : COLOURS);
        });
        assertThat(dataset.references()).hasSize(dataset.size());
        assertThat(dataset.references().keySet()).first().isEqualTo(dataset.instanceId(0));
    }

    @Test
    void vqasOwnFileGivesAnswersAndTypes() {
        var texts =
                open("coco_vqa", "default", "val", false).sample(1, QUESTION).texts();
        assertThat(texts.instanceId()).isEqualTo("9000");
        assertThat(texts.references()).containsOnly("green", "dark green");
        assertThat(texts.groups()).isEqualTo(Map.of("question_type", "what colour is", "answer_type", "number"));
        assertThat(texts.textOutputs()).as("nothing is learned").isEmpty();
    }

    /** LAVIS's weights of different answers are their shares. */
    @Test
    void anAnswerIsLearnedAsOftenAsItWasGiven() {
        var texts =
                open("coco_vqa", "default", "train", true).sample(2, QUESTION).texts();
        var counts = new HashMap<String, Integer>();
        int draws = 4000;
        for (int epoch = 0; epoch < draws; epoch++) {
            counts.merge(
                    String.valueOf(texts.asked(QUESTION, SeededSampleRandom.of(7, epoch, 2))
                            .textOutput()),
                    1,
                    Integer::sum);
        }
        assertThat(counts).containsOnlyKeys("blue", "dark blue");
        assertThat(counts.getOrDefault("blue", 0) / (double) draws).isCloseTo(0.8, within(0.03));
    }

    @Test
    void aProcessorThatAsksPutsTheWholeQuestionInATemplate() {
        var asking = new BlipInstruction(
                BlipInstruction.Task.QA,
                "",
                50,
                new InstructionTemplates(List.of(), List.of("question: {} answer:"), List.of(), List.of()),
                InstructionExamples.NONE);
        var texts = open("vg_vqa", "default", "train", true).sample(0, asking).texts();
        var asked = texts.asked(asking, SeededSampleRandom.of(1, 0, 0));
        assertThat(asked.textInput()).isEqualTo("question: what colour is image 80? answer:");
        assertThat(asked.textOutput()).isEqualTo("red");
    }

    @Test
    void choicesAreCandidatesAndTheRightOneIsTheAnswer() {
        var texts = open("aok_vqa", "default", "val", false).sample(1, QUESTION).texts();
        assertThat(texts.textOutputs()).containsExactly("green");
        assertThat(texts.groups()).isEqualTo(Map.of("difficult_direct_answer", "true"));
        assertThat(open("aok_vqa", "default", "test", false)
                        .sample(0, QUESTION)
                        .texts()
                        .textOutputs())
                .as("it is secret")
                .isEmpty();
    }

    @Test
    void gqasOwnFileHasTypesOfQuestions() {
        var sample = open("gqa", "balanced_testdev", "val", false).sample(1, QUESTION);
        assertThat(sample.image()).isEqualTo(root.resolve("gqa/images/n73.jpg"));
        assertThat(sample.texts().instanceId()).isEqualTo("000000073");
        assertThat(sample.texts().groups()).isEqualTo(Map.of("structural", "verify", "semantic", "attr"));
    }

    @Test
    void whatIsValidatedOnCanBeTrainedOnWithVqasOwnAnswers() {
        assertThat(samples(open("coco_vqa", "eval", "val", true)))
                .allSatisfy(sample -> assertThat(sample.texts().textOutputs()).hasSize(10));
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(root.resolve(file), content);
    }

    private void replace(String file, String old, String text) throws IOException {
        String content = Files.readString(root.resolve(file));
        assertThat(content).contains(old);
        Files.writeString(root.resolve(file), content.replaceFirst(Pattern.quote(old), text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"image\":\"val2014/ | \"image\":\"../val2014/ | record 0 (question_id 8000): image is | without empty parts",
                "\"question\":\"What colour is image 8?\" | \"question\":7 | record 0 (question_id 8000): question is 7 | a text that is not blank",
                "\"question_id\":9000 | \"question_id\":8000 | record 1 (question_id 8000): question_id is that of record 0 too | one of its own",
                "\"question_id\":9000, | '' | record 1: question_id is missing | a value"
            })
    void faultyQuestionsAreNamedInEvaluation(String old, String text, String found, String expected)
            throws IOException {
        replace("coco/annotations/vqa_val_eval.json", old, text);
        assertThatThrownBy(() -> open("coco_vqa", "default", "val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("vqa_val_eval.json")
                .hasMessageContaining(found)
                .hasMessageContaining(expected);
    }

    @Test
    void whatCannotBeLearnedIsLeftOutOfTraining() throws IOException {
        replace("vg/annotations/vg_qa.json", "\"answer\":\"green\"", "\"answer\":\" \"");
        replace("vg/annotations/vg_qa.json", "\"answer\":\"blue\"", "\"answer\":{}");
        var dataset = open("vg_vqa", "default", "train", true);
        assertThat(dataset.size()).isEqualTo(6);
        assertThat(dataset.leftOut())
                .satisfiesExactly(
                        fault -> assertThat(fault)
                                .startsWith("record 1 (question_id 81): answer is \" \"")
                                .endsWith("expected an answer to learn, or a list of some"),
                        fault -> assertThat(fault).contains("record 2", "a list of texts"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v2_mscoco_val2014_annotations.json | {\"annotations\":[{\"question_id\":8000,\"answers\":[{\"answer\":\"red\"}]}]} | 3 question ids of | are not in",
                "v2_mscoco_val2014_annotations.json | {\"annotations\":[{\"question_id\":8000,\"answers\":[]}]} | record 0: answers is [] | objects with an answer",
                "v2_mscoco_val2014_annotations.json | {\"questions\":[]} | has nothing under \"annotations\" | as VQA publishes it",
                "v2_mscoco_val2014_annotations.json | [] | an object with a list | as VQA publishes it",
                "v2_OpenEnded_mscoco_val2014_questions.json | {\"questions\":[{\"question_id\":1}]} | 1 question ids of | the accuracy is of something else",
                "answer_list.json | {\"yes\":1} | found '{' | a JSON list of answers",
                "answer_list.json | [\"yes\",2] | answer 1 is 2 | a JSON list of answers"
            })
    void otherFilesAreNamed(String file, String content, String found, String expected) throws IOException {
        write("coco/annotations/" + file, content);
        assertThatThrownBy(() -> open("coco_vqa", "default", "val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(found)
                .hasMessageContaining(expected);
    }

    @Test
    void choicesMustHaveTheRightOne() throws IOException {
        replace("aokvqa/annotations/aokvqa_v1p0_val.json", "\"correct_choice_idx\":0", "\"correct_choice_idx\":4");
        assertThatThrownBy(() -> open("aok_vqa", "default", "val", false))
                .hasMessageContaining("correct_choice_idx is 4, expected less than 4, the number of choices");
    }

    @Test
    void answersToSomeQuestionsAloneAreRefused() throws IOException {
        replace("gqa/annotations/val_balanced_questions.json", "\"answer\":\"green\",", "");
        assertThatThrownBy(() -> open("gqa", "default", "val", false))
                .hasMessageContaining("1 of 4 questions have no answer, the first is question_id 000000069")
                .hasMessageContaining("expected one for each, or for none");
    }

    @Test
    void rightChoicesOfSomeQuestionsAloneAreRefusedBeforeAnyIsAnswered() throws IOException {
        replace("aokvqa/annotations/aokvqa_v1p0_val.json", "\"correct_choice_idx\":0,", "");
        assertThatThrownBy(() -> open("aok_vqa", "default", "val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("1 of 4 questions have no right choice, the first is question_id 22Mex")
                .hasMessageContaining("expected one for each, or for none");
    }

    @Test
    void threeFilesOfASplitAreRefused() {
        assertThatThrownBy(() -> config(
                        "coco_vqa",
                        "eval",
                        "datasets.coco_vqa.build_info.annotations.val.storage=[a.json,b.json,c.json]",
                        "datasets.coco_vqa.build_info.annotations.val.url=null"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("datasets.coco_vqa.build_info has 3 annotation files of split val; expected the");
    }
}
