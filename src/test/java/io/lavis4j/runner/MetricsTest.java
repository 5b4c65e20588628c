package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.runner.Metrics.Place;
import io.lavis4j.tensorboard.Events;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private Metrics after(long step, int evaluations) {
        return Metrics.after(step, evaluations, new RunDirectory(folder), true);
    }

    private List<JsonNode> lines() throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    /** Six steps in epochs of three, read every step and validated. */
    private static void train(Metrics metrics, int from, double loss) {
        for (int step = from; step <= 6; step++) {
            metrics.training(new Place(step, (step - 1) / 3, (step - 1) % 3 + 1), Map.of("loss", loss + step));
            if (step % 3 == 0) {
                metrics.evaluation(step, String.valueOf((step - 1) / 3), "val", Map.of("CIDEr", loss + 10 * step));
            }
        }
    }

    @Test
    void aLineIsAReadingOrAnEvaluation() throws IOException {
        try (var metrics = after(0, 0)) {
            train(metrics, 1, 0);
        }
        var lines = lines();
        assertThat(lines).hasSize(8);
        assertThat(lines.get(4).fieldNames())
                .toIterable()
                .containsExactly("step", "epoch", "iteration", "time", "loss");
        assertThat(lines.get(4).path("step").asInt()).isEqualTo(4);
        assertThat(lines.get(4).path("epoch").asInt()).isEqualTo(1);
        assertThat(lines.get(4).path("iteration").asInt()).isEqualTo(1);
        assertThat(lines.get(4).path("loss").asDouble()).isEqualTo(4);
        assertThat(lines.get(7).fieldNames()).toIterable().containsExactly("step", "label", "time", "split", "scores");
        assertThat(lines.get(7).path("split").asText()).isEqualTo("val");
        assertThat(lines.get(7).path("label").asText()).isEqualTo("1");
        assertThat(lines.get(7).at("/scores/CIDEr").asDouble()).isEqualTo(60);
        assertThat(Instant.parse(lines.get(7).path("time").asText()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void tensorBoardHasTheSameNumbers() throws IOException {
        try (var metrics = after(0, 0)) {
            train(metrics, 1, 0);
            metrics.evaluation(6, "best", "val", Map.of("CIDEr", 70.0));
        }
        assertThat(Events.scalars(folder.resolve("tensorboard")))
                .isEqualTo(Map.of(
                        "train/loss", Map.of(1L, 1f, 2L, 2f, 3L, 3f, 4L, 4f, 5L, 5f, 6L, 6f),
                        "val/CIDEr", Map.of(3L, 30f, 6L, 60f),
                        "val_best/CIDEr", Map.of(6L, 70f)));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "2, 0, 2", "3, 1, 4", "3, 0, 3", "4, 0, 5", "6, 0, 7", "6, 1, 8", "6, 2, 9", "9, 0, 9"})
    void whatWasWrittenOfLaterStepsIsCutOff(long step, int evaluations, int left) throws IOException {
        try (var killed = after(0, 0)) {
            train(killed, 1, 0);
            killed.evaluation(6, "best", "test", Map.of("CIDEr", 1.0));
        }
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\": 7, \"epo", StandardOpenOption.APPEND);
        after(step, evaluations).close();
        assertThat(lines()).hasSize(left);
    }

    @Test
    void aResumedRunEndsWithTheLinesOfAnUninterruptedOne() throws IOException {
        try (var killed = after(0, 0)) {
            train(killed, 1, 0);
        }
        try (var resumed = after(3, 0)) {
            resumed.evaluation(3, "0", "val", Map.of("CIDEr", 30.0));
            train(resumed, 4, 0.5);
        }
        assertThat(lines())
                .extracting(line ->
                        line.path("loss").asDouble(line.at("/scores/CIDEr").asDouble()))
                .containsExactly(1.0, 2.0, 3.0, 30.0, 4.5, 5.5, 6.5, 60.5);
        assertThat(Events.scalars(folder.resolve("tensorboard")))
                .isEqualTo(Map.of(
                        "train/loss", Map.of(1L, 1f, 2L, 2f, 3L, 3f, 4L, 4.5f, 5L, 5.5f, 6L, 6.5f),
                        "val/CIDEr", Map.of(3L, 30f, 6L, 60.5f)));
    }

    @Test
    void thereAreNoEventFilesWhereNoneAreWanted() throws IOException {
        try (var metrics = Metrics.after(0, 0, new RunDirectory(folder), false)) {
            train(metrics, 1, 0);
        }
        assertThat(lines()).hasSize(8);
        assertThat(folder.resolve("tensorboard")).doesNotExist();
    }
}
