package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunHistoryTest {

    @TempDir
    private Path folder = Path.of("");

    private RunHistory read(String log) throws IOException {
        return RunHistory.read(Files.writeString(folder.resolve("log.txt"), log));
    }

    @Test
    void aValidationBelongsToTheEpochBeforeIt() throws IOException {
        var history = read("""
                {
                    "run": {
                        "max_epoch": 2
                    }
                }
                {"epoch":0,"train_loss":2.5}
                {"val_CIDEr":0.5,"val_best_epoch":0}
                {"epoch":1,"train_loss":1.5}
                {"val_CIDEr":null,"val_best_epoch":0}
                """);
        assertThat(history.warnings()).isEmpty();
        assertThat(history.config()).isNotNull();
        assertThat(history.epochs().keySet()).containsExactly(0, 1);
        assertThat(history.value(0, "val_CIDEr")).isEqualTo(0.5);
        assertThat(history.value(1, "train_loss")).isEqualTo(1.5);
        assertThat(history.series("val_CIDEr", "CIDEr").points())
                .containsExactly(new Series.Point(0, 0.5), new Series.Point(1, Double.NaN));
        assertThat(history.bestEpoch("val")).isZero();
        assertThat(history.bestEpoch("test")).isNull();
    }

    @Test
    void innerEpochsAreNumberedByTheirIterations() throws IOException {
        var history = read("""
                {"iters":6,"train_loss":2.5}
                {"val_CIDEr":0.5,"val_best_iters":6}
                {"iters":12,"train_loss":1.5}
                {"val_CIDEr":0.25,"val_best_iters":6}
                """);
        assertThat(history.warnings()).isEmpty();
        assertThat(history.epochs().keySet()).containsExactly(6, 12);
        assertThat(history.bestEpoch("val")).isEqualTo(6);
        assertThat(new ResultFiles(Path.of(""), "val", "1_iters=12").epoch()).isEqualTo(12);
    }

    @Test
    void numbersMayBeTextsAsLavisWritesThem() throws IOException {
        var history = read("{\"train_lr\": \"0.000\", \"train_loss\": \"2.512\", \"epoch\": 3, \"note\": \"x\"}\n");
        assertThat(history.warnings()).isEmpty();
        assertThat(history.epochs().get(3))
                .containsKeys("train_lr", "train_loss")
                .doesNotContainKey("note");
        assertThat(history.value(3, "train_loss")).isEqualTo(2.512);
    }

    @Test
    void numbersThatAreNotOnesAreGaps() throws IOException {
        var history = read("""
                {"epoch": 0, "train_loss": "nan", "val_CIDEr": NaN, "val_Bleu_4": -Infinity, "val_x": "inf", "note": "so"}
                """);
        assertThat(history.warnings()).isEmpty();
        assertThat(history.epochs().get(0)).containsOnlyKeys("epoch", "train_loss", "val_CIDEr", "val_Bleu_4", "val_x");
        assertThat(history.series("val_Bleu_4", "").points()).containsExactly(new Series.Point(0, Double.NaN));
    }

    @Test
    void aLineThatIsNotUtf8IsNamedAndTheRestIsRead() throws IOException {
        var log = Files.write(
                folder.resolve("log.txt"),
                "{\"epoch\": 0, \"a\": 1}\r\n{\"b\u00e9\": 2}\r\n{\"c\": 3}\r\n".getBytes(StandardCharsets.ISO_8859_1));
        var history = RunHistory.read(log);
        assertThat(history.epochs().get(0)).containsOnlyKeys("epoch", "a", "c");
        assertThat(history.warnings())
                .singleElement()
                .asString()
                .startsWith("Line 2 of log.txt is not text (byte 0xE9 at offset 3 is not UTF-8");
    }

    @Test
    void damagedLinesAreNamedAndTheRestIsRead() throws IOException {
        var history = read("""
                {
                    "run": {
                {"val_CIDEr":0.5}
                {"epoch":0,"train_loss":2.5}
                {"epoch":"later","train_loss":2.5}
                [1, 2]
                {"epoch":1,"train_loss":1.5}{"epoch":2}
                {"epoch":2,"train_lo""");
        assertThat(history.epochs().keySet()).containsExactly(0);
        assertThat(history.config()).isNull();
        assertThat(history.warnings())
                .hasSize(6)
                .anySatisfy(w -> assertThat(w).startsWith("Line 1 of log.txt begins a configuration that has no end"))
                .anySatisfy(w -> assertThat(w).startsWith("Line 3 of log.txt has scores, but no epoch"))
                .anySatisfy(w -> assertThat(w).startsWith("Line 5 of log.txt has \"epoch\": \"later\""))
                .anySatisfy(w -> assertThat(w).startsWith("Line 6 of log.txt is not a JSON object"))
                .anySatisfy(w -> assertThat(w).startsWith("Line 7 of log.txt is not a JSON object"))
                .anySatisfy(w -> assertThat(w).startsWith("Line 8 of log.txt is not a JSON object"));
    }
}
