package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryTest {

    @TempDir
    private Path folder = Path.of("");

    private @Nullable Process writer;

    /** Another process, which begins to replace a file and never comes to the end. */
    static final class Writer {

        public static void main(String[] arguments) {
            AtomicFile.write(Path.of(arguments[0]), out -> {
                AtomicFile.writeFully(out, ByteBuffer.allocate(1000));
                System.out.println("writing");
                while (true) {
                    sleep();
                }
            });
        }

        private static void sleep() {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Process write(Path file) throws IOException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        writer = process;
        assertThat(process.inputReader().readLine()).isEqualTo("writing");
        return process;
    }

    @AfterEach
    void endTheWriter() {
        if (writer != null) {
            writer.destroyForcibly();
        }
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void aSignalLeavesTheOldFileAndNothingElse() throws Exception {
        var file = Files.writeString(folder.resolve("a.txt"), "old");
        var process = write(file);
        assertThat(files()).hasSize(2);

        process.destroy(); // SIGTERM
        process.waitFor();

        assertThat(files()).containsExactly(file);
        assertThat(file).hasContent("old");
    }

    @Test
    void theNextWriterOfAFileRemovesWhatAKilledOneLeft() throws Exception {
        var file = Files.writeString(folder.resolve("a.txt"), "old");
        var process = write(file);
        process.destroyForcibly().waitFor(); // SIGKILL
        assertThat(files()).hasSize(2);

        AtomicFile.write(folder.resolve("b.txt"), "another file");
        assertThat(files()).as("of another file").hasSize(3);
        AtomicFile.write(file, "new");

        assertThat(files()).containsExactlyInAnyOrder(file, folder.resolve("b.txt"));
        assertThat(file).hasContent("new");
    }

    @Test
    void whatALivingProcessWritesIsLeftAlone() throws Exception {
        var file = folder.resolve("a.txt");
        write(file);

        Temporary.sweep(folder);
        AtomicFile.write(file, "faster");

        assertThat(files()).hasSize(2);
    }

    @Test
    void whatThisProcessWritesIsLeftAlone() {
        var file = folder.resolve("a.txt");
        AtomicFile.write(file, out -> {
            AtomicFile.writeFully(out, ByteBuffer.allocate(1000));
            Temporary.sweep(folder);
            AtomicFile.write(file, "faster");
        });

        assertThat(file).hasBinaryContent(new byte[1000]);
    }

    @Test
    void onlyFilesOfThisKindAreSwept() throws IOException {
        var uuid = UUID.randomUUID();
        Files.createFile(folder.resolve(".checkpoint_1.pth.%s.tmp".formatted(uuid)));
        var others = List.of(".a.tmp", ".%s.tmp".formatted(uuid), "a.%s.tmp".formatted(uuid), ".a.%s".formatted(uuid));
        for (String other : others) {
            Files.createFile(folder.resolve(other));
        }
        Files.createDirectory(folder.resolve(".folder.%s.tmp".formatted(uuid)));

        Temporary.sweep(folder);
        Temporary.sweep(folder.resolve("nowhere"));

        assertThat(files()).hasSize(others.size() + 1);
        assertThat(folder).isDirectoryNotContaining("glob:**checkpoint*");
    }

    @Test
    void namesAreHiddenBesideTheFileAndNeverTheSame() throws IOException {
        var file = folder.resolve("a.txt");
        try (var one = Temporary.beside(file);
                var other = Temporary.beside(file)) {
            assertThat(one.path()).hasParentRaw(folder).isNotEqualTo(other.path());
            assertThat(one.path().getFileName().toString()).matches("\\.a\\.txt\\.[0-9a-f-]{36}\\.tmp");
        }
    }

    @Test
    void aFolderIsRemovedWithAllThatIsInIt() throws IOException {
        try (var temporary = Temporary.beside(folder.resolve("corpus"))) {
            Files.createDirectories(temporary.path().resolve("a/b"));
            Files.createFile(temporary.path().resolve("a/b/c.txt"));
        }
        assertThat(files()).isEmpty();
    }
}
