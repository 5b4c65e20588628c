package io.lavis4j.metric.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Output of Sherlock's official scoring scripts. */
class SherlockMetricParityTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double TOLERANCE = 1e-12;

    @TempDir
    private Path folder = Path.of("");

    private interface Check {
        void run(JsonNode task, SherlockScores scores);
    }

    /** One test for each task of each file, from the predictions as JSON. */
    private Stream<DynamicTest> tests(boolean asArray, Check check) {
        var tests = new ArrayList<DynamicTest>();
        for (var file : files()) {
            json(file)
                    .properties()
                    .forEach(task -> tests.add(dynamicTest(
                            file.getFileName() + ": " + task.getKey(),
                            () -> check.run(task.getValue(), score(task.getValue(), asArray)))));
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> theLinesAreThoseOfTheOfficialScorer() {
        return tests(false, (task, scores) -> assertThat(scores.lines()).isEqualTo(official(task)));
    }

    @TestFactory
    Stream<DynamicTest> anArrayInTheOrderOfSortedIdsScoresTheSame() {
        return tests(true, (task, scores) -> assertThat(scores.lines()).isEqualTo(official(task)));
    }

    @TestFactory
    Stream<DynamicTest> everyComparisonAgreesInFull() {
        return files().stream()
                .map(file -> dynamicTest(file.getFileName().toString(), () -> {
                    var task = json(file).get("comparison");
                    var items = ((ComparisonScores) score(task, false)).items();
                    assertThat(items).hasSameSizeAs(task.get("per_item")).isNotEmpty();
                    for (int i = 0; i < items.size(); i++) {
                        var expected = task.get("per_item").get(i);
                        var item = items.get(i);
                        assertThat(item.inputId())
                                .isEqualTo(expected.get("Input_iid").asText());
                        assertThat(item.model()).isCloseTo(expected.get("model").doubleValue(), within(TOLERANCE));
                        assertThat(item.human()).isCloseTo(expected.get("human").doubleValue(), within(TOLERANCE));
                        assertThat(item.oracle())
                                .isCloseTo(expected.get("oracle").doubleValue(), within(TOLERANCE));
                    }
                }));
    }

    /** {@code Random corr} depends on a stream of random numbers, and is not printed here. */
    private static List<String> official(JsonNode task) {
        var lines = StreamSupport.stream(task.get("official_output").spliterator(), false)
                .map(JsonNode::textValue)
                .filter(line -> !line.startsWith("Random corr"))
                .toList();
        assertThat(lines).isNotEmpty();
        return lines;
    }

    private SherlockScores score(JsonNode task, boolean asArray) {
        var keyFile = write("key.json", bytes(task.get("answer_key")));
        var key = AnswerKey.read(keyFile);
        var predictions = asArray
                ? write("predictions.npy", array(task.get("predictions")))
                : write("predictions.json", bytes(task.get("predictions")));
        return key.score(Predictions.read(predictions, key.testIds()));
    }

    private static byte[] array(JsonNode predictions) {
        var ids = new ArrayList<String>();
        predictions.fieldNames().forEachRemaining(ids::add);
        return NpyArray.float64(ids.stream()
                        .sorted()
                        .mapToDouble(id -> predictions.get(id).doubleValue())
                        .toArray())
                .bytes();
    }

    private static List<Path> files() {
        var root = Path.of(System.getProperty("metrics.root", "src/test/resources/metrics"));
        try (var entries = Files.list(root)) {
            var files = entries.filter(
                            file -> file.getFileName().toString().matches("sherlock_leaderboard(@.*)?\\.json"))
                    .sorted()
                    .toList();
            assertThat(files).as("sherlock_leaderboard.json in %s", root).isNotEmpty();
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(root.toString(), e);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(String name, byte[] content) {
        try {
            return Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
