package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code caption --out} with a small model of random weights. */
class BulkCaptionsTest {

    private static final Path IMAGES = Path.of("src/test/resources/images");
    private static final Path CMYK = IMAGES.resolve("cmyk.jpg");
    private static final Path DRAWN = Path.of("src/test/resources/sherlock_mini/vg");

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int caption(Object... more) {
        var arguments = new ArrayList<>(List.of("caption", "--cfg-path", "finetune/caption_sherlock_mini.yaml"));
        for (Object argument : more) {
            arguments.add(argument.toString());
        }
        arguments.addAll(
                List.of("--options", "run.device=cpu", "run.min_len=8", "data_root=src/test/resources/sherlock_mini"));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    private static List<JsonNode> rows(List<String> lines) {
        return lines.stream()
                .map(line -> {
                    try {
                        return new ObjectMapper().readTree(line);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    @Test
    void rowsHaveTheCaptionsThatArePrintedWithoutAFile() throws IOException {
        var file = folder.resolve("captions.jsonl");
        assertThat(caption(DRAWN, CMYK, "--out", file, "--batch-size", 5, "--prompt", "red", "--prompt", "someone"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).isEmpty();
        assertThat(caption(DRAWN, CMYK, "--json", "--prompt", "someone")).isZero();
        var rows = rows(Files.readAllLines(file));
        var printed = rows(out.toString().lines().toList());
        assertThat(rows).hasSize(2 * printed.size()).hasSizeGreaterThan(20);
        for (int i = 0; i < printed.size(); i++) {
            var row = rows.get(2 * i + 1);
            assertThat(row.get("prompt").asText()).isEqualTo("someone");
            assertThat(row.get("image")).isEqualTo(printed.get(i).get("image"));
            assertThat(row.get("caption")).isEqualTo(printed.get(i).get("caption"));
            assertThat(row.get("caption").asText()).isNotEmpty();
        }
    }

    @Test
    void aProcessWritesItsPartAndADamagedImageIsARow() throws IOException {
        for (int rank = 0; rank < 2; rank++) {
            assertThat(caption(
                            IMAGES.resolve("cut_off.jpg"),
                            CMYK,
                            CMYK,
                            "--out",
                            folder.resolve("c.csv"),
                            "--rank",
                            rank,
                            "--world",
                            2,
                            "--num-captions",
                            2))
                    .as(err.toString())
                    .isZero();
        }
        assertThat(Files.readAllLines(folder.resolve("c-00000-of-00002.csv")))
                .hasSize(1 + 1 + 2)
                .first()
                .isEqualTo("image,prompt,index,caption,error");
        assertThat(Files.readAllLines(folder.resolve("c-00001-of-00002.csv"))).hasSize(1 + 2);
    }

    @Test
    void otherSettingsForTheSameFileAreWrong() throws IOException {
        var file = folder.resolve("c.jsonl");
        assertThat(caption(CMYK, "--out", file)).as(err.toString()).isZero();
        var before = Files.readString(file);
        assertThat(caption(CMYK, "--out", file)).isZero();
        assertThat(file).hasContent(before);
        assertThat(caption(CMYK, "--out", file, "--sample", "--prompt", "red")).isEqualTo(1);
        assertThat(err.toString())
                .contains("c.jsonl cannot go on: generation.doSample was false and is true;")
                .contains("prompts was [\"Inference:\"] and is [\"red\"]; ");
        assertThat(caption(CMYK, "--out", file, "--prompt", "red", "--overwrite"))
                .isZero();
        assertThat(Files.readString(file)).contains("\"prompt\":\"red\"");
    }

    @Test
    void aModelThatCannotBeLoadedLeavesWhatWasToBeOverwritten() throws IOException {
        var file = folder.resolve("c.jsonl");
        assertThat(caption(CMYK, "--out", file)).as(err.toString()).isZero();
        var before = Files.readString(file);
        var broken = Files.writeString(folder.resolve("broken.pth"), "no weights");
        assertThat(caption(CMYK, "--out", file, "--overwrite", "--checkpoint", broken))
                .isEqualTo(1);
        assertThat(file).content().isEqualTo(before);
        assertThat(caption(CMYK, "--out", file)).as("it goes on").isZero();
        assertThat(file).content().isEqualTo(before);
    }

    @Test
    void oneProcessOfOneWritesTheFileThatIsNamed() throws IOException {
        var file = folder.resolve("c.jsonl");
        assertThat(caption(CMYK, "--out", file, "--rank", 0, "--world", 1))
                .as(err.toString())
                .isZero();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, folder.resolve("c.jsonl.settings.json"));
        }
        var before = Files.readString(file);
        assertThat(caption(CMYK, "--out", file)).as("goes on without them").isZero();
        assertThat(file).content().isEqualTo(before);
    }

    @Test
    void aBoxOutsideOfTheImageIsAnErrorWithoutAFileToo() {
        assertThat(caption(CMYK, "--box", "5000,5000,10,10")).isEqualTo(1);
        assertThat(caption(CMYK, "--box", "-5,-5,9,9")).isZero();
    }

    @Test
    void aTextIsWrittenBesideAnImage() throws IOException {
        Files.copy(CMYK, folder.resolve("a.jpg"));
        assertThat(caption(folder, "--out", "txt-beside")).as(err.toString()).isZero();
        assertThat(folder.resolve("a.txt")).isNotEmptyFile();
    }

    @Test
    void aProfileHasWhatIsReadAndTheModelsModules() throws IOException {
        var profile = folder.resolve("trace.json");
        assertThat(caption(CMYK, "--out", folder.resolve("c.jsonl"), "--profile", profile))
                .as(err.toString())
                .isZero();
        assertThat(new ObjectMapper().readTree(profile.toFile()).findValuesAsText("name"))
                .contains("sample", "data wait", "collate", "caption", "token", "visual_encoder.blocks.0.attn");
        var other = folder.resolve("other.json");
        assertThat(caption(CMYK, "--out", folder.resolve("c.jsonl"), "--rank", 1, "--world", 2, "--profile", other))
                .isZero();
        assertThat(other).as("that of another than the first process").doesNotExist();
    }

    @Test
    void aBatchThatDoesNotFitIsToldWithWhatToLower() {
        assertThat(caption(CMYK, "--out", folder.resolve("c.jsonl"), "--batch-size", 2_000_000_000))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("the device has not enough memory for a batch of evaluation, when ")
                .contains("lower run.batch_size_eval or run.num_beams")
                .contains("run.batch_size_eval=2000000000")
                .doesNotContain("frame #");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --out c.txt                               | --out c.txt: expected FILE.jsonl, FILE.csv or txt-beside
            --out c.jsonl --batch-size 0              | --batch-size 0: expected at least 1
            --out c.jsonl --rank 1                    | --rank and --world: expected both of them or none
            --out c.jsonl --rank 2 --world 2          | --rank 2: expected from 0 and below --world, 2
            --out c.jsonl --images none               | --images none: there is no such file or folder
            --out c.jsonl --images pom.xml            | --images pom.xml: expected a folder
            --out c.jsonl --profile ./c.jsonl         | --profile and --out: expected two files
            --out c.jsonl --json                      | --json with --out: expected either of them
            --out c.jsonl none.jpg                    | none.jpg: there is no such file or folder
            --out c.jsonl - -                         | - for standard input: expected it once
            --batch-size 3                            | expected --out FILE
            --prompt a --prompt b                     | --prompt given several times: expected --out FILE
            --out src/test/resources/images/cmyk.jpg  | cmyk.jpg: expected FILE.jsonl
            """)
    void wrongUseIsToldBeforeTheModelIsLoaded(String options, String message) {
        var arguments = new ArrayList<Object>(List.of((Object[]) options.split(" ", -1)));
        arguments.add(0, CMYK);
        assertThat(caption(arguments.toArray())).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @Test
    void anInputIsNotWrittenOverAndATarFileHasNoPlaceForTexts() throws IOException {
        var list = Files.writeString(folder.resolve("list.jsonl"), "a.jpg\n");
        assertThat(caption(list, "--out", list)).isEqualTo(2);
        assertThat(err.toString()).contains("list.jsonl: expected another file than the input");
        assertThat(list).hasContent("a.jpg");
        var tar = Files.writeString(folder.resolve("a.tar"), "tar");
        assertThat(caption(tar, "--out", "txt-beside")).isEqualTo(2);
        assertThat(err.toString()).contains("as there is no place beside an image in " + tar);
        assertThat(caption(CMYK, "--out", folder.resolve("none/c.jsonl"))).isEqualTo(2);
        assertThat(err.toString()).contains("there is no folder " + folder.resolve("none") + "; make it first");
        var place = Files.createDirectory(folder.resolve("d.jsonl"));
        assertThat(caption(CMYK, "--out", place)).isEqualTo(2);
        assertThat(err.toString()).contains("d.jsonl is a folder; name a file in it");
    }
}
