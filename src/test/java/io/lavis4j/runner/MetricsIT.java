package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of whole runs. */
@ExtendWith(LibtorchFirst.class)
class MetricsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path outputs = Path.of("");

    private static List<JsonNode> objects(Path file) throws IOException {
        var objects = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("{\"")) {
                objects.add(JSON.readTree(line));
            }
        }
        return objects;
    }

    /** Two epochs of eight batches, an update every second batch, a reading every fourth, a validation and a test. */
    @Test
    void aLineIsWrittenForEachReadingAndEvaluation() throws IOException {
        var run = MiniRuns.in(outputs, "run.log_freq=4", "run.accum_grad_iters=2", "run.test_splits=[val]")
                .train();
        var lines = objects(run.metrics());
        assertThat(lines).extracting(line -> line.path("step").asInt()).containsExactly(2, 4, 4, 6, 8, 8, 8);
        assertThat(lines)
                .extracting(line -> line.path("label").asText("-"))
                .containsExactly("-", "-", "0", "-", "-", "1", "best");

        var logged = objects(run.log());
        for (int epoch = 0; epoch < 2; epoch++) {
            var first = lines.get(3 * epoch);
            var second = lines.get(3 * epoch + 1);
            assertThat(second.path("epoch").asInt()).isEqualTo(epoch);
            assertThat(second.path("iteration").asInt()).isEqualTo(8);
            assertThat((first.path("loss").asDouble() + second.path("loss").asDouble()) / 2)
                    .isCloseTo(logged.get(2 * epoch).path("train_loss").asDouble(), within(1e-12));
            for (String name : List.of("grad_norm", "lr", "samples_per_second", "tokens_per_second", "resident_mib")) {
                assertThat(second.path(name).asDouble()).as(name).isPositive();
            }
            assertThat(second.path("skipped_steps").asInt(-1)).isZero();
            assertThat(second.path("data_share").asDouble(-1)).isBetween(0.0, 1.0);
            assertThat(lines.get(3 * epoch + 2).at("/scores/CIDEr"))
                    .isEqualTo(logged.get(2 * epoch + 1).path("val_CIDEr"));
        }
        assertThat(SteadyMetrics.of(run).scalars())
                .containsEntry("train/loss", floats(lines, "loss"))
                .containsEntry("train/grad_norm", floats(lines, "grad_norm"))
                .containsKeys("val/CIDEr", "val/loss", "val_best/CIDEr");
    }

    private static Map<Long, Float> floats(List<JsonNode> lines, String name) {
        var floats = new TreeMap<Long, Float>();
        lines.stream()
                .filter(line -> line.has(name))
                .forEach(line -> floats.put(
                        line.path("step").asLong(), (float) line.path(name).asDouble()));
        return floats;
    }

    @Test
    void thereAreNoEventFilesWhereNoneAreWanted() {
        var run = MiniRuns.in(outputs, "run.max_epoch=1", "run.valid_splits=[]", "run.tensorboard=False")
                .train();
        assertThat(run.metrics()).isNotEmptyFile();
        assertThat(run.tensorboard()).doesNotExist();
    }
}
