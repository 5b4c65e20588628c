package io.lavis4j.metric.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.metric.MetricFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Accuracies and normalised answers of LAVIS's VQA scorer, all digits. */
class VqaMetricParityTest {

    @TestFactory
    Stream<DynamicTest> answersAreNormalisedAsInTheReference() {
        return tests((name, file) -> {
            assertThat(file.get("normalisation")).isNotEmpty();
            for (var entry : file.get("normalisation")) {
                String text = entry.get("text").textValue();
                assertThat(VqaNormalizer.punctuation(text))
                        .as("punctuation step of <%s>", text)
                        .isEqualTo(entry.get("punctuation").textValue());
                assertThat(VqaNormalizer.numbersAndArticles(text))
                        .as("number and article step of <%s>", text)
                        .isEqualTo(entry.get("digit_article").textValue());
                assertThat(VqaNormalizer.both(text))
                        .as("both steps of <%s>", text)
                        .isEqualTo(entry.get("both").textValue());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> accuraciesOfFilesAreTheReferences() {
        return tests((name, file) -> {
            var expected = file.get("expected");
            var scores = VqaAccuracy.VQA.score(VqaFiles.read(
                    companion(name, "vqa_annotations"),
                    companion(name, "vqa_questions"),
                    companion(name, "vqa_results")));
            assertThat(scores.overall()).isEqualTo(expected.get("overall").doubleValue());
            assertThat(scores.perQuestionType()).isEqualTo(numbers(expected.get("perQuestionType")));
            assertThat(scores.perAnswerType()).isEqualTo(numbers(expected.get("perAnswerType")));
            assertThat(scores.perQuestion()).isEqualTo(numbers(expected.get("perQuestion")));
        });
    }

    @TestFactory
    Stream<DynamicTest> accuraciesOfAokvqaAreTheReferences() {
        return tests((name, file) -> {
            var items = items(file.get("aok_style"));
            var scores = VqaAccuracy.AOKVQA.score(items);
            for (int i = 0; i < items.size(); i++) {
                assertThat(VqaAccuracy.AOKVQA.of(items.get(i)))
                        .isEqualTo(file.get("aok_style").get(i).get("acc").doubleValue());
            }
            assertThat(scores.overall()).isEqualTo(file.get("aok_accuracy").doubleValue());
        });
    }

    @TestFactory
    Stream<DynamicTest> accuraciesOfGqaAreTheReferences() {
        return tests((name, file) -> {
            var items = items(file.get("gqa_style"));
            for (int i = 0; i < items.size(); i++) {
                assertThat(VqaAccuracy.GQA.of(items.get(i)))
                        .as(items.get(i).toString())
                        .isEqualTo(file.get("gqa_style").get(i).get("correct").doubleValue());
            }
            assertThat(VqaAccuracy.GQA.score(items).overall())
                    .isEqualTo(file.get("gqa_accuracy").doubleValue());
        });
    }

    private interface Check {
        void run(String fileName, JsonNode file);
    }

    private static Stream<DynamicTest> tests(Check check) {
        return MetricFiles.of("vqa").stream()
                .map(file -> file.getFileName().toString())
                .map(name -> dynamicTest(
                        name,
                        () -> check.run(
                                name, MetricFiles.json(MetricFiles.root().resolve(name)))));
    }

    /** The file that belongs to {@code vqa.json} or {@code vqa@suffix.json}. */
    private static Path companion(String name, String kind) {
        return MetricFiles.root().resolve(name.replaceFirst("^vqa", kind));
    }

    private static Map<String, Double> numbers(JsonNode object) {
        var numbers = new LinkedHashMap<String, Double>();
        object.properties()
                .forEach(entry -> numbers.put(entry.getKey(), entry.getValue().doubleValue()));
        return numbers;
    }

    private static List<VqaItem> items(JsonNode list) {
        var items = new ArrayList<VqaItem>();
        for (var entry : list) {
            var answers = new ArrayList<VqaAnswer>();
            Consumer<JsonNode> add = answer -> answers.add(new VqaAnswer(answer.textValue(), Map.of()));
            if (entry.get("gt_ans").isArray()) {
                entry.get("gt_ans").forEach(add);
            } else {
                add.accept(entry.get("gt_ans"));
            }
            items.add(new VqaItem("" + items.size(), entry.get("pred_ans").textValue(), answers, "", ""));
        }
        assertThat(items).isNotEmpty();
        return items;
    }
}
