package io.lavis4j.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/test/python/tensorboard_events.py} has TensorBoard read such files. */
class EventFileTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.250Z");

    @TempDir
    private Path folder = Path.of("");

    private byte[] only() throws IOException {
        var files = Events.files(folder);
        assertThat(files).hasSize(1);
        return Files.readAllBytes(files.get(0));
    }

    /** Written by TensorBoard 2.21.0's RecordWriter from its own protocol buffers. */
    @Test
    void theBytesAreThoseOfTensorBoard() throws IOException {
        try (var file = EventFile.create(folder, NOW, 51)) {
            var values = new LinkedHashMap<String, Double>();
            values.put("train/loss", 2.5);
            values.put("train/lr", 1e-5);
            file.scalars(NOW.plusMillis(1250), 300, values);
        }
        assertThat(HexFormat.of().formatHex(only()))
                .isEqualTo("1800000000000000a37f4b2209000010406e55da411a0d627261696e2e4576656e743a327ce7ce86"
                        + "0f000000000000006d532b0909000010406e55da4110333a0208016113457e"
                        + "3200000000000000241956ec09000060406e55da4110ac022a240a110a0a747261696e2f6c6f737315000020"
                        + "400a0f0a08747261696e2f6c7215acc5273710b05270");
        assertThat(Events.files(folder).get(0).getFileName()).hasToString("events.out.tfevents.1767225600.lavis4j");
    }

    @Test
    void scalarsAreReadAsTheyWereWritten() throws IOException {
        long late = 1L << 40;
        String name = "val/CIDEr[Größe=" + "x".repeat(300) + "]";
        try (var file = EventFile.create(folder, NOW, 1)) {
            file.scalars(NOW, late, Map.of(name, Double.NaN, "val/loss", Double.NEGATIVE_INFINITY));
        }
        assertThat(Events.scalars(folder))
                .isEqualTo(Map.of(name, Map.of(late, Float.NaN), "val/loss", Map.of(late, Float.NEGATIVE_INFINITY)));
    }

    @Test
    void anEventIsOnTheDiskAtOnceAndATornOneHurtsNoOther() throws IOException {
        try (var file = EventFile.create(folder, NOW, 1)) {
            file.scalars(NOW, 1, Map.of("train/loss", 3));
            file.scalars(NOW, 2, Map.of("train/loss", 2));
            byte[] bytes = only(); // the file is still open
            assertThat(Events.read(bytes)).hasSize(4);
            assertThat(Events.read(Arrays.copyOf(bytes, bytes.length - 1))).hasSize(3);

            bytes[bytes.length - 5]++;
            assertThatThrownBy(() -> Events.read(bytes)).hasMessageContaining("checksum");
        }
    }

    @Test
    void aRunThatGoesOnTakesLaterStepsBack() throws IOException {
        try (var file = EventFile.create(folder, NOW, 1)) {
            for (int step = 1; step <= 5; step++) {
                file.scalars(NOW, step, Map.of("train/loss", 10 * step));
            }
        }
        try (var file = EventFile.create(folder, NOW, 4)) { // within the same second
            file.scalars(NOW, 4, Map.of("train/loss", 41));
        }
        try (var file = EventFile.create(folder, NOW.minusSeconds(3600), 5)) { // the clock was set back
            file.scalars(NOW, 5, Map.of("train/loss", 51));
        }
        assertThat(Events.files(folder)).hasSize(3);
        assertThat(Events.scalars(folder))
                .isEqualTo(Map.of("train/loss", Map.of(1L, 10f, 2L, 20f, 3L, 30f, 4L, 41f, 5L, 51f)));
    }

    @Test
    void aFolderThatCannotBeMadeIsNamedWithTheWayOut() throws IOException {
        var file = Files.writeString(folder.resolve("tensorboard"), "a file");
        assertThatThrownBy(() -> EventFile.create(file, NOW, 1))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll(file.toString(), "run.tensorboard=False");
        assertThat(Events.files(folder)).isEqualTo(List.of(file));
    }
}
