package io.lavis4j.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderCheckTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aFolderThatIsToBeMadeIsJudgedByTheOneAbove() {
        var made = folder.resolve("output/BLIP2");
        assertThat(FolderCheck.folder("output", made, 1, true).toString())
                .matches("ok     output: \\Q" + made + "\\E, \\d+ MiB free");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileInTheWayIsAFaultWhereTheFolderIsNeeded() throws IOException {
        var file = Files.writeString(folder.resolve("file"), "");
        var below = file.resolve("output");
        assertThat(FolderCheck.folder("output", below, 1, true).toString())
                .isEqualTo("FAULT  output: %s: %s is a file — take another folder, or change the rights of this one"
                        .formatted(below, file));
        assertThat(FolderCheck.folder("output", below, 1, false).toString()).startsWith("note   output: ");
    }

    @Test
    void littleRoomIsTold() {
        assertThat(FolderCheck.folder("output", folder, Long.MAX_VALUE, true).toString())
                .startsWith("note   output: ")
                .contains(" MiB free — make room: ");
    }
}
