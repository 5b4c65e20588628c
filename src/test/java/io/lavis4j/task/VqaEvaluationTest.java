package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.io.JsonText;
import io.lavis4j.metric.vqa.VqaFiles;
import io.lavis4j.metric.vqa.VqaItem;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Questions end with the answer that the model will give. */
@ExtendWith(LibtorchFirst.class)
class VqaEvaluationTest {

    private static final Map<String, Object> GENERATE = Map.of("inference_method", "generate");

    private final TestAnswers model = new TestAnswers();

    @TempDir
    private Path folder = Path.of("");

    private static Task task(String name, Map<String, Object> run) {
        var section = Section.root(Map.of("run", run)).section("run");
        var type = new TaskType.BuiltIn()
                .get().stream()
                        .filter(kind -> kind.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        var task = section.read(type.reader());
        section.requireValid();
        return Section.present(task);
    }

    private Map<String, Double> evaluate(Task task, SampleTexts... samples) {
        task.requireFiles();
        return evaluate(task.evaluate(model), List.of(samples));
    }

    private <R extends Record> Map<String, Double> evaluate(Task.Evaluation<R> evaluation, List<SampleTexts> samples) {
        try (evaluation;
                var batch = new Batch(Tensors.of(new float[samples.size()], Devices.cpu()), samples)) {
            var found = evaluation.step(batch);
            assertThat(parsed(JsonText.of(found), evaluation.results()))
                    .as("results go from process to process as JSON")
                    .isEqualTo(found);
            return evaluation.finish(List.of(found), folder, "val_epoch0");
        }
    }

    private static Record parsed(String text, Class<? extends Record> type) {
        try {
            return JsonText.parse(text, type);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String written() throws IOException {
        return Files.readString(folder.resolve("val_epoch0.json"));
    }

    private static SampleTexts question(String id, String text, List<String> references) {
        return SampleTexts.of(id, text).withReferences(references);
    }

    private static SampleTexts typed(SampleTexts question, String questionType, String answerType) {
        return question.withGroups(Map.of("question_type", questionType, "answer_type", answerType));
    }

    @Test
    void vqaHasItsFileAndTheAccuracyOfEachAnswerType() throws IOException {
        var scores = evaluate(
                task("vqa", GENERATE),
                typed(question("7", "is it yes", Collections.nCopies(10, "yes")), "is it", "yes/no"),
                typed(question("8", "how many 2", Collections.nCopies(10, "3")), "how many", "number"));

        assertThat(written())
                .isEqualTo("[{\"question_id\":7,\"answer\":\"yes\"},{\"question_id\":8,\"answer\":\"2\"}]");
        assertThat(scores)
                .containsEntry("accuracy", 50.0)
                .containsEntry("agg_metrics", 50.0)
                .containsEntry("yes/no", 100.0)
                .containsEntry("number", 0.0)
                .containsEntry("accuracy[question_type=is it]", 100.0)
                .containsEntry("items[question_type=how many]", 1.0)
                .containsEntry("accuracy[answer_type=number]", 0.0);
    }

    /** Of ten annotators two say what the model says: each of them has one match among the others, the rest two. */
    @Test
    void annotatorsOfOneAnswerCountForEachOther() {
        var references = new ArrayList<>(Collections.nCopies(8, "red"));
        references.addAll(List.of("blue", "blue"));
        assertThat(evaluate(task("vqa", GENERATE), question("1", "what blue", references))
                        .getOrDefault("accuracy", 0.0))
                .isCloseTo(60.0, within(1e-9));
    }

    @Test
    void theQuestionIsPutInThePrompt() {
        var run = new HashMap<>(GENERATE);
        run.put("prompt", "Question: {} Options: {}");
        evaluate(task("vqa", run), question("1", "what", List.of("red")).withCandidates(List.of("red", "blue")));
        assertThat(model.prompts).containsExactly("Question: what Options: (a) red (b) blue");
    }

    @Test
    void aPlaceForChoicesNeedsSome() {
        var run = new HashMap<>(GENERATE);
        run.put("prompt", "Question: {} Options: {}");
        assertThatThrownBy(() -> evaluate(task("vqa", run), question("1", "what", List.of("red"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has two places {}");
    }

    @Test
    void rankTakesTheLikeliestCandidate() throws IOException {
        var scores = evaluate(
                task("vqa", Map.of("num_ans_candidates", 2, "prompt", "Question: {}")),
                question("1", "what", List.of("blue")).withCandidates(List.of("red", "green", "blue")));
        assertThat(written()).contains("\"answer\":\"blue\"");
        assertThat(scores).containsKey("accuracy");
        assertThat(model.prompts).containsExactly("Question: what");
        assertThat(model.segments).as("two at once").containsExactly(2);
    }

    @Test
    void rankWithoutCandidatesSaysWhatToSet() {
        assertThatThrownBy(() -> evaluate(task("vqa", Map.of()), question("1", "what", List.of("blue"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample 1 has no candidates to choose from")
                .hasMessageContaining("an answer list in build_info.annotations")
                .hasMessageContaining("run.inference_method to generate");
    }

    @Test
    void gqaHasItsFileAndItsAccuracy() throws IOException {
        var scores = evaluate(
                task("gqa", GENERATE),
                question("0017", "is it Yes.", List.of("yes")),
                question("0018", "is it no", List.of("yes")));
        assertThat(written())
                .isEqualTo("[{\"questionId\":\"0017\",\"prediction\":\"Yes.\"},"
                        + "{\"questionId\":\"0018\",\"prediction\":\"no\"}]");
        assertThat(scores).isEqualTo(Map.of("accuracy", 50.0, "agg_metrics", 50.0));
    }

    @Test
    void severalAnswersOfAGqaQuestionAreRefusedInItsBatch() {
        var task = task("gqa", GENERATE);
        try (var evaluation = task.evaluate(model);
                var batch = new Batch(
                        Tensors.of(new float[1], Devices.cpu()),
                        List.of(question("7", "is it red", List.of("red", "blue"))))) {
            assertThatThrownBy(() -> evaluation.step(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("question 7 has 2 answers; GQA's questions have one, and run.task vqa or");
        }
    }

    @Test
    void aokVqaHasDirectAnswersAndChoices() throws IOException {
        var choices = List.of("red", "blue");
        var scores = evaluate(
                task("aok_vqa", GENERATE),
                question("a", "what red", List.of("red", "red", "red"))
                        .withCandidates(choices)
                        .withTextOutputs(List.of("blue")),
                question("b", "what red", List.of("blue", "red", "blue"))
                        .withCandidates(choices)
                        .withTextOutputs(List.of("red")));
        assertThat(written())
                .isEqualTo("{\"a\":{\"direct_answer\":\"red\",\"multiple_choice\":\"blue\"},"
                        + "\"b\":{\"direct_answer\":\"red\",\"multiple_choice\":\"blue\"}}");
        assertThat(scores.getOrDefault("accuracy", 0.0)).isCloseTo(100 * (1 + 1 / 3.0) / 2, within(1e-9));
        assertThat(scores).containsEntry("multiple_choice", 50.0);
        var annotations = Files.writeString(
                folder.resolve("aokvqa.json"),
                "[{\"question_id\":\"a\",\"direct_answers\":[\"red\"]},{\"question_id\":\"b\",\"direct_answers\":[\"red\"]}]");
        assertThat(VqaFiles.read(annotations, null, folder.resolve("val_epoch0.json")))
                .as("score reads the leaderboard's file")
                .extracting(VqaItem::prediction)
                .containsExactly("red", "red");
        assertThat(scores.get("agg_metrics")).isEqualTo(scores.get("accuracy"));
    }

    @Test
    void secretAnswersGiveAFileAndNoScore() throws IOException {
        assertThat(evaluate(task("vqa", GENERATE), question("1", "what red", List.of())))
                .isEqualTo(Map.of("agg_metrics", 0.0));
        assertThat(written()).contains("\"answer\":\"red\"");
    }

    @Test
    void aScoreOfSomeQuestionsIsNotThatOfAll() {
        assertThatThrownBy(() -> evaluate(
                        task("vqa", GENERATE),
                        question("1", "what red", List.of("red")),
                        question("2", "what red", List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 of 2 samples have no right answer; expected one for each, or for none");
    }

    private Path annotations(String ids) throws IOException {
        return Files.writeString(
                folder.resolve("own.json"),
                "{\"annotations\":[{\"question_id\":%s,\"answer_type\":\"other\",\"answers\":[{\"answer\":\"red\",\"answer_id\":1},{\"answer\":\"red\",\"answer_id\":2},{\"answer\":\"red\",\"answer_id\":3},{\"answer\":\"red\",\"answer_id\":4}]}]}"
                        .formatted(ids));
    }

    @Test
    void answersOfAFileGoBeforeThoseOfTheDataSet() throws IOException {
        var run = new HashMap<>(GENERATE);
        run.put(
                "anno_files",
                Map.of("test", "elsewhere", "val", annotations("1").toString()));
        assertThatThrownBy(() -> task("vqa", run).requireFiles())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.anno_files.test is \"elsewhere\", and there is no such file");
        run.put("anno_files", Map.of("val", annotations("1").toString()));
        assertThat(evaluate(task("vqa", run), question("1", "what red", List.of("blue"))))
                .containsEntry("accuracy", 100.0)
                .containsEntry("other", 100.0);
        run.put("anno_files", Map.of("val", annotations("2").toString()));
        assertThatThrownBy(() -> evaluate(task("vqa", run), question("1", "what red", List.of("blue"))))
                .hasMessageContaining("own.json", "val_epoch0.json", "Both files need the same ids");
    }

    @Test
    void classificationCountsTheLikeliestCandidate() throws IOException {
        var task = task("multimodal_classification", Map.of("segments", 3, "prompt", "{} is"));
        var scores = evaluate(
                task,
                question("a", "what", List.of("blue")).withCandidates(List.of("red", "blue")),
                question("b", "what", List.of("seven", "eight"))
                        .withTextOutputs(List.of("red"))
                        .withCandidates(List.of("red", "green")));
        assertThat(scores).isEqualTo(Map.of("acc", 0.5, "agg_metrics", 0.5));
        assertThat(model.segments).containsExactly(3);
        assertThat(model.prompts).containsExactly("what is", "what is");
        assertThat(written())
                .isEqualTo("[{\"instance_id\":\"a\",\"prediction\":\"blue\",\"target\":\"blue\"},"
                        + "{\"instance_id\":\"b\",\"prediction\":\"green\",\"target\":\"red\"}]");
    }

    @Test
    void classificationWithoutLabelsHasNoScore() {
        var task = task("multimodal_classification", Map.of());
        assertThat(evaluate(task, question("a", "what", List.of()).withCandidates(List.of("red"))))
                .isEqualTo(Map.of("agg_metrics", 0.0));
        assertThatThrownBy(() ->
                        evaluate(task, question("a", "what", List.of("x", "y")).withCandidates(List.of("red"))))
                .hasMessageContaining("sample a has 2 references; expected one, its label");
    }
}
