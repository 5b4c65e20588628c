package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code caption} with a small model of random weights. */
class CaptionCommandTest {

    private static final Path IMAGES = Path.of("src/test/resources/images");
    private static final Path FORMATS = Path.of("src/test/resources/golden/g_image_processing@formats");

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int caption(Object... more) {
        var arguments =
                new ArrayList<>(List.of("caption", "--cfg-path", "finetune/caption_sherlock_mini.yaml", "--json"));
        for (Object argument : more) {
            arguments.add(argument.toString());
        }
        arguments.addAll(List.of("--options", "run.device=cpu", "data_root=src/test/resources/sherlock_mini"));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    private List<String> captioned() {
        return out.toString()
                .lines()
                .map(line -> {
                    try {
                        return Path.of(new ObjectMapper()
                                        .readTree(line)
                                        .get("image")
                                        .asText())
                                .getFileName()
                                .toString();
                    } catch (IOException e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }

    private void copy(Path from, String name) throws IOException {
        Files.copy(from, folder.resolve(name));
    }

    @Test
    void aFolderIsListedByContent() throws IOException {
        copy(IMAGES.resolve("cmyk.jpg"), "a.jfif");
        copy(IMAGES.resolve("cmyk.jpg"), "b");
        copy(FORMATS.resolve("gif_plain.gif"), "c.jpg");
        copy(FORMATS.resolve("bmp_rgb_24_40.bmp"), "d.bmp");
        copy(FORMATS.resolve("tiff_rgb_5.tiff"), "e.tif");
        copy(IMAGES.resolve("png_named.jpg"), "f.txt");
        Files.writeString(folder.resolve("g.jpg"), "<html>not found</html>");
        Files.createDirectory(folder.resolve("h.jpg"));
        Files.createDirectories(folder.resolve("d/e"));
        copy(IMAGES.resolve("cmyk.jpg"), "d/e/nested.jpg");
        Files.createDirectories(folder.resolve("d/.thumbnails"));
        copy(IMAGES.resolve("cmyk.jpg"), "d/.thumbnails/hidden.jpg");
        copy(IMAGES.resolve("cmyk.jpg"), ".hidden.jpg");
        assertThat(caption(folder)).as(err.toString()).isZero();
        assertThat(captioned()).containsExactly("a.jfif", "b", "c.jpg", "d.bmp", "nested.jpg", "e.tif", "f.txt");
    }

    @Test
    void aDamagedImageOrANamedFileThatIsNoneFailsAndTheOthersAreDone() throws IOException {
        copy(IMAGES.resolve("cut_off.jpg"), "a.jpg");
        copy(IMAGES.resolve("cmyk.jpg"), "b.jpg");
        var text = Files.writeString(folder.resolve("c.txt"), "no image");
        assertThat(caption(folder)).isEqualTo(1);
        assertThat(captioned()).containsExactly("b.jpg");
        assertThat(caption(text, IMAGES.resolve("cmyk.jpg"))).isEqualTo(1);
        assertThat(captioned()).containsExactly("b.jpg", "cmyk.jpg");
    }

    @Test
    void aFolderWithoutImagesIsWrongUseThatNamesWhatIsThere() throws IOException {
        assertThat(caption(folder)).isEqualTo(2);
        assertThat(err.toString()).contains("no file in this folder");
        Files.writeString(folder.resolve("a.jpg"), "no image");
        Files.writeString(Files.createDirectory(folder.resolve("b")).resolve("c.txt"), "a text");
        assertThat(caption(folder)).isEqualTo(2);
        assertThat(err.toString()).contains("no image in this folder, but 2 others: a.jpg, b/c.txt");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --num-captions | 0            | --num-captions 0: expected at least 1
            --num-captions | -1           | --num-captions -1: expected at least 1
            --num-captions | 4            | --num-captions 4: expected at most run.num_beams, which is 3
            --checkpoint   | nowhere.pth  | --checkpoint nowhere.pth: there is no such file
            --box          | 1,2,0,4      | --box 1,2,0,4: expected LEFT,TOP,WIDTH,HEIGHT in pixels, at least 1 wide
            """)
    void whatAnOptionCannotBeIsFoundBeforeTheModelIsLoaded(String option, String value, String message) {
        assertThat(caption(IMAGES.resolve("cmyk.jpg"), option, value)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @Test
    void moreCaptionsThanBeamsCanBeDrawn() {
        assertThat(caption(IMAGES.resolve("cmyk.jpg"), "--num-captions", 4, "--sample"))
                .isZero();
        assertThat(out.toString()).contains("captions");
    }

    @Test
    void aProfileHasTheModelsModulesAndItsFileIsOneThatCanBe() throws IOException {
        var profile = folder.resolve("trace.json");

        assertThat(caption("--profile", profile, IMAGES.resolve("cmyk.jpg"))).isZero();

        var names = new ObjectMapper().readTree(profile.toFile()).findValuesAsText("name");
        assertThat(names)
                .contains("caption", "token", "visual_encoder.blocks.0.attn", "opt_model.model.decoder.layers.1.fc1");

        var nowhere = folder.resolve("nowhere/trace.json");
        assertThat(caption("--profile", nowhere, IMAGES.resolve("cmyk.jpg"))).isEqualTo(2);
        assertThat(err.toString()).contains("--profile " + nowhere + ": expected a file in a folder that is there");
    }
}
