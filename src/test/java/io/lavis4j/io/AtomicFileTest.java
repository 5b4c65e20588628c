package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    private Path folder;

    @Test
    void theNewTextTakesThePlaceOfTheOld() throws IOException {
        var file = Files.writeString(folder.resolve("a.txt"), "old and longer");

        AtomicFile.write(file, "né");

        assertThat(file).hasContent("né");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void afterAFailureTheOldContentIsThereAndNothingElse() throws IOException {
        var file = Files.writeString(folder.resolve("a.txt"), "old");

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> AtomicFile.write(file, out -> {
                    AtomicFile.writeFully(out, ByteBuffer.allocate(100));
                    throw new IOException("no space left");
                }))
                .withMessageContainingAll(file.toString(), "no space left", "unchanged", "is the disk full?");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
                    throw new IllegalArgumentException("ours");
                }))
                .hasMessage("ours");

        assertThat(file).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFolderThatIsMissingIsNotTakenForAFullDisk() {
        assertThatThrownBy(() -> AtomicFile.write(folder.resolve("none/a.txt"), "text"))
                .hasMessageContainingAll("a.txt", "make the folder first");
        assertThatThrownBy(() -> AtomicFile.write(Path.of("/"), "text")).hasMessageContaining("the name of a file");
        assertThatThrownBy(() -> AtomicFile.write(folder, "text"))
                .hasMessageContaining("it is a folder")
                .hasMessageNotContaining("disk");
    }

    @Test
    void aCopyTakesThePlaceOfTheOldFile() throws IOException {
        var from = Files.writeString(folder.resolve("a.txt"), "new");
        var target = Files.writeString(folder.resolve("b.txt"), "old and longer");

        AtomicFile.copy(from, target);

        assertThat(target).hasContent("new");
        assertThat(from).hasContent("new");
    }
}
