package io.lavis4j.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.io.DelimitedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The file that rows are in: what is there, and what another process left. */
@ExtendWith(LibtorchFirst.class)
class RowFileTest {

    private static final int STEP = 7;

    @TempDir
    private Path folder = Path.of("");

    private final RedModel model = new RedModel();

    private Path images = Path.of("");

    @BeforeEach
    void draw() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        for (int i = 0; i < 3; i++) {
            RedModel.image(images.resolve(i + ", \"ä\".png"), i);
        }
        Files.write(images.resolve("1, \"ä\".png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0});
    }

    @AfterEach
    void close() {
        model.close();
    }

    private BulkRun run() {
        return BulkRun.of(model, 2, "a", "b\n\"c\"").withWorkers(0);
    }

    @Test
    void aJsonFileCutAnywhereGoesOnToTheSameBytes() throws IOException {
        var whole = folder.resolve("whole.jsonl");
        run().toJson(whole, images);
        assertThat(Files.readAllLines(whole)).hasSize(6);
        requireSameAfterCuts(whole, file -> run().toJson(file, images));
    }

    @Test
    void aTableCutAnywhereGoesOnToTheSameBytes() throws IOException {
        for (int captions = 1; captions <= 2; captions++) {
            var job = run().withCaptions(captions);
            var whole = folder.resolve("whole%d.csv".formatted(captions));
            job.toCsv(whole, images);
            requireSameAfterCuts(whole, file -> job.toCsv(file, images));
        }
    }

    private interface Job {
        BulkTally to(Path file);
    }

    private void requireSameAfterCuts(Path whole, Job job) throws IOException {
        byte[] bytes = Files.readAllBytes(whole);
        var cut = folder.resolve("cut");
        var settings = Path.of(whole + ".settings.json");
        for (int length = 0; length <= bytes.length; length += Math.min(STEP, Math.max(1, bytes.length - length))) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            Files.write(Path.of(cut + ".settings.json"), Files.readAllBytes(settings));
            var tally = job.to(cut);
            assertThat(Files.readAllBytes(cut)).as("cut after %d bytes", length).isEqualTo(bytes);
            assertThat(tally.captioned() + tally.failed() + tally.kept()).isEqualTo(3);
            if (length == bytes.length) {
                assertThat(tally).isEqualTo(new BulkTally(0, 0, 3));
            }
        }
    }

    @Test
    void aTableIsReadAsItWasMeant() throws IOException {
        var file = folder.resolve("table.csv");
        run().withCaptions(2).toCsv(file, images);
        assertThat(Files.readString(file))
                .startsWith("image,prompt,index,caption,error\r\n")
                .endsWith("\r\n");
        var table = new DelimitedText(file, Files.readString(file), ',');
        var rows = new ArrayList<List<String>>();
        for (var row = table.next(); row != null; row = table.next()) {
            rows.add(row);
        }
        String first = images.resolve("0, \"ä\".png").toString();
        assertThat(rows).hasSize(1 + 2 * 4 + 2);
        assertThat(rows.subList(1, 5))
                .containsExactly(
                        List.of(first, "a", "1", "a,0", ""),
                        List.of(first, "a", "2", "a,0!", ""),
                        List.of(first, "b\n\"c\"", "1", "b\n\"c\",0", ""),
                        List.of(first, "b\n\"c\"", "2", "b\n\"c\",0!", ""));
        assertThat(rows.get(5).subList(1, 4)).containsExactly("a", "", "");
        assertThat(rows.get(5).get(4)).contains("1, \"ä\".png");
    }

    @Test
    void otherSettingsAreNamed() {
        var file = folder.resolve("out.jsonl");
        Map<String, Object> before =
                Map.of("prompts", List.of("a"), "model", Map.of("arch", "blip2_opt", "prompt", ""));
        Map<String, Object> now = Map.of("prompts", List.of("a", "b"), "model", Map.of("arch", "blip2_opt"));
        try (var out = RowFile.json(file, before, false)) {
            run().to(out, images);
        }
        assertThatThrownBy(() -> RowFile.json(file, now, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith(
                        "out.jsonl cannot go on: model.prompt was \"\" and is not set; prompts was [\"a\"] and is"
                                + " [\"a\",\"b\"]; name another file, or begin anew with --overwrite");
        try (var out = RowFile.json(file, now, true)) {
            assertThat(run().to(out, images)).isEqualTo(new BulkTally(2, 1, 0));
        }
    }

    @Test
    void whatIsToBeOverwrittenStaysUntilThereIsARow() throws IOException {
        var file = folder.resolve("out.jsonl");
        var settings = folder.resolve("out.jsonl.settings.json");
        run().toJson(file, images);
        var rows = Files.readString(file);
        var made = Files.readString(settings);
        Map<String, Object> other = Map.of("prompts", List.of("b"));
        RowFile.json(file, other, true).close();
        assertThat(file).content().isEqualTo(rows);
        assertThat(settings).content().isEqualTo(made);
        try (var out = RowFile.json(file, other, true)) {
            out.write(
                    new SourceImage("a.png", new ImageContent.Unusable("")),
                    List.of(new Captioned("b", List.of("new"), null)));
        }
        assertThat(file).content().isEqualTo("{\"image\":\"a.png\",\"prompt\":\"b\",\"caption\":\"new\"}\n");
        assertThat(settings).content().contains("\"b\"");
    }

    @Test
    void anInputWithoutImagesOverwritesWithNone() throws IOException {
        var file = folder.resolve("out.csv");
        run().toCsv(file, images);
        try (var out = RowFile.csv(file, 1, BulkRun.SETTINGS, true)) {
            out.end();
        }
        assertThat(file).content().isEqualTo("image,prompt,caption,error\r\n");
    }

    @Test
    void aFileThatSomebodyElseMadeStays() throws IOException {
        var file = Files.writeString(folder.resolve("out.csv"), "mine\n");
        assertThatThrownBy(() -> run().toCsv(file, images))
                .hasMessageContaining(
                        "out.csv is there, and out.csv.settings.json, which would say how it was made, is not");
        assertThat(file).hasContent("mine");
    }

    @Test
    void imagesThatWereAddedOrRemovedMeanwhileAreNoticed() throws IOException {
        var file = folder.resolve("out.jsonl");
        run().toJson(file, images);
        var rows = Files.readAllLines(file);
        var added = RedModel.image(images.resolve("0a.png"), 9);
        assertThatThrownBy(() -> run().toJson(file, images))
                .hasMessageContaining("has in row 3 image " + images.resolve("1, \"ä\".png"))
                .hasMessageContaining("where the input has " + added);
        Files.delete(added);
        Files.delete(images.resolve("2, \"ä\".png"));
        assertThatThrownBy(() -> run().toJson(file, images))
                .hasMessageContaining("has 4 rows and more, the next of " + images.resolve("2, \"ä\".png"));
        assertThat(Files.readAllLines(file)).isEqualTo(rows);
    }

    @Test
    void twoCannotWriteOneFile() {
        var file = folder.resolve("out.jsonl");
        try (var first = RowFile.json(file, BulkRun.SETTINGS, false)) {
            assertThatThrownBy(() -> RowFile.json(file, BulkRun.SETTINGS, true))
                    .hasMessageContaining("out.jsonl is being written by another process");
            first.end();
        }
        assertThat(run().toJson(file, images)).isEqualTo(new BulkTally(2, 1, 0));
    }

    @Test
    void aFullDiskIsSaidSo() throws IOException {
        var full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "the system has no /dev/full");
        var file = Files.createSymbolicLink(folder.resolve("out.jsonl"), full);
        assertThatThrownBy(() -> run().toJson(file, images))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("out.jsonl cannot be written (No space left on device); is the disk full?");
    }

    /** A program that writes rows until there is no more room. */
    static final class Filling {
        private Filling() {}

        public static void main(String[] arguments) {
            var image = new SourceImage("a.png", new ImageContent.Unusable(""));
            try (var file = RowFile.json(Path.of(arguments[0]), BulkRun.SETTINGS, false)) {
                for (int i = 0; i < 10_000; i++) {
                    file.write(image, List.of(new Captioned("a", List.of("a caption"), null)));
                }
            }
        }
    }

    @Test
    void whereTheDiskIsFullTheLastRowIsWhole() throws IOException {
        var file = folder.resolve("out.jsonl");
        var process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -f 16; exec \"$0\" -XX:-UsePerfData -cp \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("java.class.path"),
                        Filling.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output).contains("out.jsonl cannot be written (File too large)");
        assertThat(Files.size(file)).isBetween(8_000L, 16_384L);
        assertThat(Files.readString(file)).endsWith("}\n");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        var file = folder.resolve("none/out.jsonl");
        assertThatThrownBy(() -> run().toJson(file, images))
                .hasMessageContaining("there is no folder " + folder.resolve("none"));
        assertThatThrownBy(() -> run().toJson(images, images)).hasMessageContaining("images is a folder");
    }
}
