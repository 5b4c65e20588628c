package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code score}: output and refusals. */
class ScoreCommandTest {

    private static final Path METRICS = Path.of("src/test/resources/metrics");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int score(String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var arguments = new ArrayList<>(List.of("score"));
        arguments.addAll(List.of(more));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private JsonNode json(String... more) throws IOException {
        assertThat(score(more)).as(err.toString()).isZero();
        return JSON.readTree(out.toString());
    }

    private static String metrics(String name) {
        return METRICS.resolve(name).toString();
    }

    private static final String[] COCO = {
        "--gt", metrics("coco_gt.json"), "--results", metrics("coco_results.json"), "--json"
    };

    private static String[] coco(String... more) {
        var arguments = new ArrayList<>(List.of(COCO));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Test
    void vqaAccuraciesArePrinted() throws IOException {
        var files = new String[] {
            "--task",
            "vqa",
            "--gt",
            metrics("vqa_annotations.json"),
            "--questions",
            metrics("vqa_questions.json"),
            "--results",
            metrics("vqa_results.json")
        };
        assertThat(score(files)).as(err.toString()).isZero();
        assertThat(out.toString())
                .containsSubsequence("accuracy 32.17", "answer type", "number", "43.00", "question type");
        var arguments = new ArrayList<>(List.of(files));
        arguments.addAll(List.of(
                "--json",
                "--bootstrap",
                "200",
                "--per-item",
                folder.resolve("i.jsonl").toString()));
        var json = json(arguments.toArray(String[]::new));
        var expected = JSON.readTree(METRICS.resolve("vqa.json").toFile()).get("expected");
        assertThat(json.get("accuracy")).isEqualTo(expected.get("overall"));
        assertThat(json.get("perAnswerType")).isEqualTo(expected.get("perAnswerType"));
        assertThat(json.get("perQuestionType")).isEqualTo(expected.get("perQuestionType"));
        assertThat(json.at("/intervals/accuracy/0").doubleValue()).isBetween(15.0, 32.0);
        assertThat(Files.readAllLines(folder.resolve("i.jsonl"))).hasSize(80);
    }

    @Test
    void intervalsAndComparisonsAreDecidedByTheSeed() throws IOException {
        var results = JSON.readTree(METRICS.resolve("coco_results.json").toFile());
        results.forEach(record -> ((com.fasterxml.jackson.databind.node.ObjectNode) record).put("caption", "a dog"));
        var other = file("other.json", results.toString());
        var json = json(coco("--bootstrap", "100", "--compare", other));
        assertThat(json.at("/intervals/CIDEr/0").doubleValue())
                .isPositive()
                .isLessThan(json.get("CIDEr").doubleValue());
        assertThat(json.at("/comparison/CIDEr/p").doubleValue()).isEqualTo(1 / 101.0);
        assertThat(json.at("/comparison/CIDEr/interval/0").doubleValue()).isPositive();
        assertThat(json(coco("--bootstrap", "100", "--compare", other))).isEqualTo(json);
        assertThat(json(coco("--bootstrap", "100", "--compare", other, "--seed", "1")))
                .isNotEqualTo(json);
        var same = json(coco("--compare", metrics("coco_results.json"), "--metrics", "CIDEr"));
        assertThat(same.at("/comparison/CIDEr/p").doubleValue()).isEqualTo(1);
        assertThat(same.get("comparison")).hasSize(1);
        assertThat(score(
                        "--gt", metrics("coco_gt.json"), "--results", metrics("coco_results.json"), "--compare", other))
                .isZero();
        assertThat(out.toString()).contains("difference", "CIDEr");
    }

    private static String sherlock(String id, String url, int confidence, String inference) {
        return """
                {"instance_id": "%s", "split_idx": 0, "inputs": {"image": {"url": "%s", "width": 9, "height": 9}, "obs_idx": 0,
                 "bboxes": [{"left": 0, "top": 0, "width": 5, "height": 5}], "clue": "c", "confidence": %d},
                 "targets": {"inference": "%s"}}""".formatted(id, url, confidence, inference);
    }

    @Test
    void sherlocksAnnotationsAreReferencesWithGroups() throws IOException {
        var annotations = file(
                "sherlock.json",
                "[" + sherlock("ab1", "http://x.org/VG_100K/1.jpg", 3, "it rains") + ","
                        + sherlock("ab2", "http://x.org/vcr1images/m/1.jpg", 1, "he is late") + "]");
        var results = file(
                "results.json",
                "[{\"image_id\": \"ab2\", \"caption\": \"no\"}, {\"image_id\": \"ab1\", \"caption\": \"It rains.\"}]");
        var json = json("--gt", annotations, "--results", results, "--json", "--breakdown", "confidence,source,boxes");
        assertThat(json.at("/breakdown/confidence/3/ROUGE_L").doubleValue()).isEqualTo(1);
        assertThat(json.at("/breakdown/confidence/1/ROUGE_L").doubleValue()).isZero();
        assertThat(json.at("/breakdown/source/VCR/items").intValue()).isEqualTo(1);
        assertThat(json.at("/breakdown/boxes/1/items").intValue()).isEqualTo(2);
        assertThat(score("--gt", annotations, "--results", results, "--breakdown", "source"))
                .isZero();
        assertThat(out.toString()).containsSubsequence("source", "items", "CIDEr", "VCR", "VG");
        assertThat(score(coco("--breakdown", "source"))).isEqualTo(1);
        assertThat(err.toString()).contains("Sherlock", "coco_gt.json");
        assertThat(score("--gt", annotations, "--results", file("one.json", "{\"ab1\": \"x\"}")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("ab2");
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() {
        assertThat(score(coco("--meteor-data", "a", "--meteor-jar", "b"))).isEqualTo(2);
        assertThat(err.toString()).contains("--meteor-data and --meteor-jar");
        assertThat(score(coco("--questions", "a"))).isEqualTo(2);
        assertThat(score(coco("--bootstrap", "-1"))).isEqualTo(2);
        assertThat(score(coco("--task", "vqa", "--metrics", "CIDEr"))).isEqualTo(2);
        assertThat(err.toString()).contains("--metrics is for captions");
        assertThat(score(coco("--task", "poetry"))).isEqualTo(2);
        assertThat(score(coco("--child-timeout", "0"))).isEqualTo(2);
        assertThat(err.toString()).contains("--child-timeout 0: expected 1 second or more");
    }

    @Test
    void whatIsNotThereIsNamedBeforeAnythingIsScored() {
        String none = folder.resolve("none").toString();
        for (String option : List.of("--meteor-data", "--meteor-jar", "--spice-jar", "--compare")) {
            assertThat(score(coco(option, none))).as(option).isEqualTo(2);
            assertThat(err.toString()).contains(option + " " + none + ": there is no such file or folder");
        }
        assertThat(score(coco("--per-item", none + "/items.jsonl"))).isEqualTo(2);
        assertThat(score("--gt", none, "--results", metrics("coco_results.json")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--gt " + none);
        assertThat(score("--gt", metrics("coco_gt.json"), "--results", none)).isEqualTo(2);
        assertThat(err.toString()).contains("--results " + none);
    }

    @Test
    void repeatedResultsAreWarnedOfAndTheFirstCounts() throws IOException {
        var twice =
                file("twice.json", "[{\"image_id\": 1, \"caption\": \"a\"}, {\"image_id\": 1, \"caption\": \"b\"}]");
        var json = json("--gt", file("gt.json", "{\"1\": \"a\"}"), "--results", twice, "--json");
        assertThat(json.get("ROUGE_L").doubleValue()).isEqualTo(1);
    }
}
