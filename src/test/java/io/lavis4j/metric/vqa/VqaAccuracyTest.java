package io.lavis4j.metric.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VqaAccuracyTest {

    @TempDir
    private Path folder = Path.of("");

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static VqaItem item(String id, String prediction, String... answers) {
        var list = Stream.of(answers)
                .map(answer -> new VqaAnswer(answer, Map.of()))
                .toList();
        return new VqaItem(id, prediction, list, "", "");
    }

    @Test
    void annotatorsWithEqualRecordsDoNotCountForEachOther() {
        var same = List.of(new VqaAnswer("red", Map.of("answer_id", 1)), new VqaAnswer("red", Map.of("answer_id", 1)));
        var different =
                List.of(new VqaAnswer("red", Map.of("answer_id", 1)), new VqaAnswer("red", Map.of("answer_id", 2)));
        assertThat(VqaAccuracy.VQA.of(new VqaItem("1", "red", same, "", ""))).isZero();
        assertThat(VqaAccuracy.VQA.of(new VqaItem("1", "red", different, "", "")))
                .isEqualTo(1 / 3.0);
    }

    @Test
    void repeatedIdsAndMissingAnswersAreNamed() {
        assertThatThrownBy(() -> VqaAccuracy.VQA.score(List.of(item("a", "x", "x"), item("a", "y", "x"))))
                .hasMessageContaining("more than once: a;");
        assertThatThrownBy(() -> item("seven", "x")).hasMessageContaining("question seven");
        assertThatThrownBy(() -> VqaAccuracy.VQA.score(List.of())).hasMessageContaining("at least one");
        assertThatThrownBy(() -> VqaAccuracy.GQA.score(List.of(item("g", "x", "x", "y"))))
                .hasMessageContaining("question g has 2 answers");
    }

    @Test
    void everyDataSetsFormsAreRead() throws IOException {
        var results = file("results.json", """
                [{"question_id": 7, "answer": "car"}, {"question_id": "b", "pred_ans": "bus"}]""");
        var aokvqa = file("aokvqa.json", """
                [{"question_id": "7", "direct_answers": ["car", "car", "bus"]},
                 {"question_id": "b", "direct_answers": ["bus", "bus", "bus"]}]""");
        assertThat(VqaAccuracy.AOKVQA
                        .score(VqaFiles.read(aokvqa, null, results))
                        .perQuestion())
                .isEqualTo(Map.of("7", 100 * (2 / 3.0), "b", 100.0));
        var gqa = file("gqa.json", """
                {"7": {"answer": "A car"}, "b": {"answer": "train"}}""");
        assertThat(VqaAccuracy.GQA.score(VqaFiles.read(gqa, null, results)).overall())
                .isEqualTo(50);
        var map = file("map.json", """
                {"7": "car", "b": "train"}""");
        assertThat(VqaAccuracy.GQA.score(VqaFiles.read(gqa, null, map)).overall())
                .isEqualTo(100);
    }

    @Test
    void ofSeveralPredictionsForAQuestionTheLastCounts() throws IOException {
        var results = file("results.json", """
                [{"question_id": 7, "answer": "car"}, {"question_id": 7, "answer": "bus"}]""");
        var annotations = file("annotations.json", "[{\"question_id\": 7, \"answer\": \"bus\"}]");
        assertThat(VqaFiles.read(annotations, null, results).get(0).prediction())
                .isEqualTo("bus");
    }

    @Test
    void idsThatOneFileLacksAreNamed() throws IOException {
        var annotations = file("annotations.json", """
                {"annotations": [{"question_id": 1, "answers": [{"answer": "a"}]}, {"question_id": 2, "answers": [{"answer": "a"}]}]}""");
        var results = file("results.json", """
                [{"question_id": 2, "answer": "a"}, {"question_id": 3, "answer": "a"}]""");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, results))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("annotations.json are not in")
                .hasMessageContaining("results.json: 1;")
                .hasMessageContaining("annotations.json: 3.");
        var questions = file("questions.json", "{\"questions\": [{\"question_id\": 1, \"question\": \"?\"}]}");
        assertThatThrownBy(() -> VqaFiles.read(annotations, questions, results))
                .hasMessageContaining("questions.json: 2.");
    }

    @Test
    void nanCostsNothingButInAnId() throws IOException {
        var annotations = file("annotations.json", """
                {"annotations": [{"question_id": 1, "answers": [{"answer": "a", "time": NaN}], "x": -Infinity}]}""");
        var results = file("results.json", "[{\"question_id\": 1, \"answer\": \"a\", \"score\": NaN}]");
        assertThat(VqaFiles.read(annotations, null, results)).hasSize(1);
        var noId = file("noid.json", "[{\"question_id\": NaN, \"answer\": \"a\"}]");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, noId))
                .hasMessageEndingWith("noid.json, record 0: expected a number or text under \"question_id\", got NaN");
    }

    @Test
    void malformedRecordsAreRefusedWithTheirPlace() throws IOException {
        var annotations = file("annotations.json", "[{\"question_id\": 1, \"answer\": \"a\"}]");
        var number = file("number.json", "[{\"question_id\": 1, \"answer\": 5}]");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, number))
                .hasMessageContainingAll("number.json, question id 1", "\"answer\"", "5");
        var noId = file("noid.json", "[{\"question_id\": 1.5, \"answer\": \"a\"}]");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, noId))
                .hasMessageContainingAll("noid.json, record 0", "1.5");
        var noAnswers = file("noanswers.json", "[{\"question_id\": 1, \"answers\": []}]");
        assertThatThrownBy(() -> VqaFiles.read(noAnswers, null, number)).hasMessageContaining("question id 1");
        var oddAnswer = file("odd.json", "[{\"question_id\": 1, \"answers\": [{\"text\": \"a\"}]}]");
        var results = file("results.json", "[{\"question_id\": 1, \"answer\": \"a\"}]");
        assertThatThrownBy(() -> VqaFiles.read(oddAnswer, null, results))
                .hasMessageContaining("odd.json, question id 1");
        var broken = file("broken.json", "[\n{");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, broken)).hasMessageContaining("broken.json, line 2");
        var twice = file("twice.json", "{\"1\": \"a\", \"1\": \"b\"}");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, twice)).hasMessageContainingAll("twice.json", "'1'");
        var empty = file("empty.json", "[]");
        assertThatThrownBy(() -> VqaFiles.read(annotations, null, empty)).hasMessageContaining("no results");
    }
}
