package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {

    @TempDir
    private Path folder = Path.of("");

    private JsonLines lines() {
        var lines = new JsonLines(folder.resolve("lines.jsonl"));
        for (int step = 1; step <= 3; step++) {
            lines.append(Map.of("step", step));
        }
        return lines;
    }

    private List<String> text() throws IOException {
        return Files.readAllLines(folder.resolve("lines.jsonl"));
    }

    @Test
    void objectsAreLinesAndNumbersWithoutAValueAreNull() throws IOException {
        var lines = lines();
        lines.append(Map.of("loss", Double.NaN));
        lines.append(Map.of("text", "a\nb"));
        assertThat(text())
                .containsExactly(
                        "{\"step\":1}", "{\"step\":2}", "{\"step\":3}", "{\"loss\":null}", "{\"text\":\"a\\nb\"}");
    }

    @Test
    void linesAreKeptUpToTheFirstThatIsNot() throws IOException {
        lines().keepWhile(line -> line.path("step").asInt() != 2);
        assertThat(text()).containsExactly("{\"step\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"step\":4", "{\"step\":4}", "{\"step\"\n{\"step\":5}\n", "4\n", "\n", "\0\0\0\n"})
    void aLineThatIsNotWholeGoes(String torn) throws IOException {
        var lines = lines();
        Files.writeString(lines.file(), torn, StandardOpenOption.APPEND);
        lines.keepWhile(line -> true);
        assertThat(text()).hasSize(3);
        lines.append(Map.of("step", 4));
        assertThat(text()).endsWith("{\"step\":3}", "{\"step\":4}");
    }

    @Test
    void aFileThatIsNotThereHasNothingToCut() {
        var lines = new JsonLines(folder.resolve("nothing.jsonl"));
        lines.keepWhile(line -> false);
        assertThat(lines.file()).doesNotExist();
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() {
        var lines = new JsonLines(folder);
        assertThatThrownBy(() -> lines.append(Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> lines.keepWhile(line -> true))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.toString());
    }
}
