package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LibtorchFirst.class)
class RunDirectoryTest {

    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 4, 15, 37);

    @TempDir
    private Path root = Path.of("");

    @Test
    void runsOfTheSameTenMinutesGetDirectoriesOfTheirOwn() {
        var first = RunDirectory.create(root, NOW);
        var second = RunDirectory.create(root, NOW.plusMinutes(2));
        var later = RunDirectory.create(root, NOW.plusMinutes(3));

        assertThat(first.path().getFileName()).hasToString("20260304153");
        assertThat(second.path().getFileName()).hasToString("20260304153-2");
        assertThat(later.path().getFileName()).hasToString("20260304154");
        assertThat(first.result()).isDirectory();
    }

    @Test
    void theParentOfRunsMeansTheNewest() throws IOException {
        log("old", 1_000);
        log("new", 3_000);
        log("middle", 2_000);
        Files.createDirectory(root.resolve("zzz-no-run"));

        assertThat(RunDirectory.open(root).path()).isEqualTo(root.resolve("new"));
        assertThat(RunDirectory.open(root.resolve("old")).path()).isEqualTo(root.resolve("old"));
    }

    private void log(String name, long time) throws IOException {
        var log = Files.createDirectories(root.resolve(name)).resolve("log.txt");
        Files.writeString(log, "{}\n");
        Files.setLastModifiedTime(log, FileTime.fromMillis(time));
    }

    @Test
    void whatHoldsNoRunIsRefusedWithWhatIsExpected() {
        assertThatThrownBy(() -> RunDirectory.open(root))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(root.toString())
                .hasMessageContaining("log.txt");
        assertThatThrownBy(() -> RunDirectory.open(root.resolve("nowhere")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void theBestCheckpointStandsForARunOrElseTheLatestEpoch() throws IOException {
        var run = RunDirectory.create(root, NOW);
        assertThatThrownBy(run::weights).hasMessageContaining("no checkpoint yet");

        checkpoint(run.checkpoint(9), 100);
        checkpoint(run.checkpoint(10), 110);
        assertThat(run.weights()).isEqualTo(run.checkpoint(10));

        Files.createFile(run.best());
        assertThat(run.weights()).isEqualTo(run.best());
    }

    @Test
    void theNewestCheckpointIsTheFurthestThatCanBeRead() throws IOException {
        var run = RunDirectory.create(root, NOW);
        checkpoint(run.checkpoint(9), 100);
        checkpoint(run.stepCheckpoint(20), 90);
        assertThat(run.newest()).contains(run.checkpoint(9));

        checkpoint(run.stepCheckpoint(103), 103);
        assertThat(run.newest()).contains(run.stepCheckpoint(103));

        Files.write(run.stepCheckpoint(108), Arrays.copyOf(Files.readAllBytes(run.stepCheckpoint(103)), 100));
        Files.createFile(run.checkpoint(10));
        assertThat(run.newest()).contains(run.stepCheckpoint(103));
    }

    private static void checkpoint(Path file, int iterations) {
        Checkpoints.write(
                file,
                Map.of(
                        "model",
                        Map.of(),
                        "optimizer",
                        Map.of(),
                        "epoch",
                        0,
                        "lavis4j",
                        Map.of("iterations", iterations)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAKilledRunLeftHalfWrittenGoesWithTheNextStart(boolean training) throws IOException {
        var killed = RunDirectory.create(root, NOW);
        log(killed.path().getFileName().toString(), 1_000);
        for (var file : List.of(killed.checkpoint(0), killed.result().resolve("val_epoch0.json"))) {
            Files.createFile(file.resolveSibling(".%s.%s.tmp".formatted(file.getFileName(), UUID.randomUUID())));
        }
        Files.createFile(killed.best());

        if (training) {
            RunDirectory.create(root, NOW);
        } else {
            RunDirectory.open(root);
        }

        try (var left = Files.walk(root)) {
            assertThat(left).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
        assertThat(killed.best()).exists();
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
        var file = Files.createFile(root.resolve("file"));
        assertThatThrownBy(() -> RunDirectory.create(file, NOW))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("run.output_dir");
    }
}
