package io.lavis4j.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders, tar files and lists, and what is wrong with them. */
@ExtendWith(LibtorchFirst.class)
class CaptionInputTest {

    @TempDir
    private Path folder = Path.of("");

    private final RedModel model = new RedModel();

    @AfterEach
    void close() {
        model.close();
    }

    private List<String> names(Path input) {
        var names = new ArrayList<String>();
        try (var images = CaptionInput.of(input).open(null, InputStream.nullInputStream())) {
            images.forEachRemaining(image -> names.add(image.name()));
            assertThat(images.share()).isEqualTo(1);
        }
        return names;
    }

    private Path tar(String name, String... members) throws IOException {
        var file = folder.resolve(name);
        try (var tar = new TarArchiveOutputStream(Files.newOutputStream(file), "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (int i = 0; i < members.length; i++) {
                byte[] content = members[i].endsWith(".txt")
                        ? new byte[700]
                        : Files.readAllBytes(RedModel.image(folder.resolve("pixel"), i));
                var entry = new TarArchiveEntry(members[i]);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return file;
    }

    @Test
    void aFolderIsGoneThroughByName() throws IOException {
        var images = Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(images.resolve("b/c"));
        Files.createDirectories(images.resolve(".thumbnails"));
        for (String name : List.of("b/c/1.png", "b/0", "b.png", "a.png", "c.png", ".d.png", ".thumbnails/1.png")) {
            RedModel.image(images.resolve(name), 1);
        }
        Files.writeString(images.resolve("b/c/note.txt"), "no image");
        Files.writeString(images.resolve("fake.jpg"), "no image");
        assertThat(names(images))
                .extracting(name -> images.relativize(Path.of(name)).toString())
                .containsExactly("a.png", "b.png", "b/0", "b/c/1.png", "c.png");
        Files.createSymbolicLink(images.resolve("b/c/circle"), images.toAbsolutePath());
        assertThatThrownBy(() -> names(images)).hasMessageContaining("links lead in a circle; remove one of them");
    }

    @Test
    void aFolderWithoutImagesNamesWhatIsThere() throws IOException {
        var images = Files.createDirectories(folder.resolve("images"));
        assertThatThrownBy(() -> names(images)).hasMessageContaining("images: no file in it");
        Files.writeString(images.resolve("a.jpg"), "no image");
        assertThatThrownBy(() -> names(images))
                .hasMessageContaining("no image in it, but 1 others: ")
                .hasMessageContaining("a.jpg");
    }

    @Test
    void theImagesInATarFileAreReadWhereTheyLie() throws IOException {
        String deep = "x/".repeat(90) + "ä.png";
        var tar = tar("a.tar", "0.png", "1.txt", "./2.png", ".hidden/3.png", "b/._4.png", deep, "no ending");
        assertThat(names(tar)).containsExactly("0.png", "./2.png", deep, "no ending");
        var out = folder.resolve("out.jsonl");
        BulkRun.of(model, 2, "a").toJson(out, tar);
        assertThat(Files.readAllLines(out))
                .extracting(row -> row.replaceAll(".*,(\\d+)\"}", "$1"))
                .containsExactly("0", "2", "5", "6");
    }

    @Test
    void ofATarFileThatIsCutOffWhatIsWholeIsDone() throws IOException {
        var tar = tar("a.tar", "0.png", "1.png", "2.png");
        byte[] bytes = Files.readAllBytes(tar);
        var out = folder.resolve("out.jsonl");
        Files.write(tar, Arrays.copyOf(bytes, 2 * 1024 + 520)); // in the content of the last
        assertThatThrownBy(() -> BulkRun.of(model, 2, "a").toJson(out, tar))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("a.tar: is not a whole tar file")
                .hasMessageContaining("its end is missing after 1.png; fetch it again");
        assertThat(Files.readAllLines(out)).hasSize(2);
        Files.write(tar, Arrays.copyOf(bytes, 3 * 1024)); // between two members
        assertThatThrownBy(() -> names(tar)).hasMessageContaining("its end is missing after 2.png");
        Files.write(tar, new byte[0]);
        assertThatThrownBy(() -> names(tar)).hasMessageContaining("no file in it can be read");
        Files.write(tar, new byte[] {0x1f, (byte) 0x8b, 8, 0});
        assertThatThrownBy(() -> names(tar)).hasMessageContaining("compressed with gzip; unpack it");
    }

    @ParameterizedTest
    @CsvSource({
        "a.txt, LIST",
        "a.LST, LIST",
        "a.jsonl, LIST",
        "a.tar, TAR",
        "a.jpg, IMAGE",
        "a, IMAGE",
    })
    void anEndingSaysWhatIsNotToldByContent(String name, CaptionInput.Kind kind) throws IOException {
        var file = Files.writeString(folder.resolve(name), "something");
        assertThat(CaptionInput.of(file).kind()).isEqualTo(kind);
    }

    @Test
    void contentIsBelievedBeforeAnEnding() throws IOException {
        assertThat(CaptionInput.of(RedModel.image(folder.resolve("a.txt"), 1)).kind())
                .isEqualTo(CaptionInput.Kind.IMAGE);
        assertThat(CaptionInput.of(tar("b.jpg", "0.png")).kind()).isEqualTo(CaptionInput.Kind.TAR);
        assertThat(CaptionInput.of(Path.of("-")).kind()).isEqualTo(CaptionInput.Kind.STANDARD_INPUT);
        assertThatThrownBy(() -> CaptionInput.of(folder.resolve("none")))
                .hasMessageContaining("none: there is no such file or folder");
    }

    /** Looking at the beginning of a pipe would take it away. */
    @Test
    void whatIsNeitherAFileNorAFolderIsRefused() {
        assertThatThrownBy(() -> CaptionInput.of(Path.of("/dev/null")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/dev/null is neither a file nor a folder")
                .hasMessageContaining("standard input, as -");
    }

    @Test
    void aFolderIsReadWhoseNamesAreNotInTheEncodingOfTheLocale() throws IOException, InterruptedException {
        var images = Files.createDirectories(folder.resolve("images"));
        RedModel.image(images.resolve("0.png"), 7);
        String script = "n=$(printf '\\351'); mkdir $n && cp 0.png $n/$n.png && mv 0.png $n.png";
        var copies = new ProcessBuilder("sh", "-c", script)
                .directory(images.toFile())
                .start();
        assertThat(copies.waitFor()).isZero();
        var out = folder.resolve("out.jsonl");
        assertThat(BulkRun.of(model, 2, "a").toJson(out, images)).isEqualTo(new BulkTally(2, 0, 0));
        assertThat(Files.readAllLines(out)).allMatch(row -> row.endsWith("\"caption\":\"a,7\"}"));
        BulkRun.of(model, 2, "a").to(new TextsBeside(false, List.of(images)), images);
        try (var names = Files.walk(images)) {
            assertThat(names).noneMatch(name -> name.toString().endsWith(".txt"));
        }
    }

    @Test
    void linksInATarFileArePassedOverByName() throws IOException {
        var tar = folder.resolve("a.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar), "UTF-8")) {
            for (byte kind : new byte[] {TarConstants.LF_LINK, TarConstants.LF_SYMLINK, TarConstants.LF_DIR}) {
                var entry = new TarArchiveEntry("link" + kind, kind);
                entry.setLinkName("0.png");
                out.putArchiveEntry(entry);
                out.closeArchiveEntry();
            }
        }
        assertThatThrownBy(() -> names(tar)).hasMessageContaining("no image in it, but 2 others: link49, link50");
    }

    @Test
    void aTarFileWithHolesIsRefusedByName() throws IOException {
        var tar = folder.resolve("a.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar), "UTF-8")) {
            out.putArchiveEntry(new TarArchiveEntry("0.png", TarConstants.LF_GNUTYPE_SPARSE));
            out.closeArchiveEntry();
        }
        assertThatThrownBy(() -> names(tar))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("a.tar: 0.png is packed with holes")
                .hasMessageContaining("without tar's --sparse");
    }

    @Test
    void aListIsTheSameByItsContent() throws IOException {
        var list = Files.writeString(folder.resolve("a.txt"), "0.png\n");
        String before = CaptionInput.of(list).identity();
        assertThat(before).startsWith("a.txt, 6 bytes, checksum ");
        Files.writeString(list, "1.png\n");
        assertThat(CaptionInput.of(list).identity()).isNotEqualTo(before);
    }
}
