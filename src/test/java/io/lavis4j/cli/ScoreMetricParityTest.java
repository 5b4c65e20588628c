package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.io.Listing;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code score} on files in COCO's form, end to end. */
class ScoreMetricParityTest {

    private static final Path ROOT = Path.of(System.getProperty("metrics.root", "src/test/resources/metrics"));
    private static final List<String> NAMES = List.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int score(String... more) {
        var arguments = new ArrayList<>(
                List.of("score", "--gt", ROOT.resolve("coco_gt.json").toString()));
        arguments.addAll(List.of(more));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    private static String results() {
        return ROOT.resolve("coco_results.json").toString();
    }

    private static void assertScores(JsonNode actual, JsonNode expected) {
        for (String name : NAMES) {
            assertThat(actual.get(name).asDouble())
                    .as(name)
                    .isCloseTo(expected.get(name).asDouble(), Offset.offset(1e-9));
        }
    }

    @Test
    void scoresOfTheCorpusAndOfEachItemAreTheReferences() throws IOException {
        var perItem = folder.resolve("items.jsonl");
        assertThat(score("--results", results(), "--json", "--per-item", perItem.toString()))
                .as(err.toString())
                .isZero();

        var expected = JSON.readTree(ROOT.resolve("coco_expected.json").toFile());
        assertScores(JSON.readTree(out.toString()), expected.get("corpus"));
        var lines = Files.readAllLines(perItem);
        assertThat(lines).hasSize(expected.get("per_image").size()).isNotEmpty();
        for (String line : lines) {
            var item = JSON.readTree(line);
            assertScores(item, expected.get("per_image").get(item.get("id").asText()));
        }
    }

    @Test
    void onlyTheMetricsAskedForArePrinted() {
        assertThat(score("--results", results(), "--metrics", "CIDEr,Bleu_4")).isZero();
        assertThat(out.toString().lines()).hasSize(2);
        assertThat(score("--results", results(), "--metrics", "CIDER")).isEqualTo(2);
        assertThat(err.toString()).contains("CIDER", "ROUGE_L");
    }

    @Test
    void idsWithoutResultAreNamed() throws IOException {
        var records = JSON.readTree(ROOT.resolve("coco_results.json").toFile());
        var left = JSON.createArrayNode().add(records.get(0));
        var lacking = StreamSupport.stream(records.spliterator(), false)
                .skip(1)
                .map(record -> record.get("image_id").asText())
                .toList();
        assertThat(lacking).isNotEmpty();
        var file = folder.resolve("one.json");
        JSON.writeValue(file.toFile(), left);
        assertThat(score("--results", file.toString())).isEqualTo(1);
        assertThat(err.toString())
                .contains("%d items without hypothesis: %s".formatted(lacking.size(), Listing.ofIds(lacking)))
                .doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }
}
