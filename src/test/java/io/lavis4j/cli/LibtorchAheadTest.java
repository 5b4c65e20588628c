package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In processes of their own, as a process loads libtorch once. */
class LibtorchAheadTest {

    private static final String[] CAPTION = {"caption", "--cfg-path", "finetune/caption_folder_small.yaml"};

    @TempDir
    private Path folder;

    /** What a process printed, its standard error after that, and its exit status. */
    private record Run(String output, int status) {}

    /** A program that begins for a command and says what is loaded when it is done. */
    static final class Loaded {
        private Loaded() {}

        public static void main(String[] command) throws IOException {
            try (var ahead = new LibtorchAhead()) {
                ahead.beginFor(command[0]);
            }
            System.out.println(Files.readString(Path.of("/proc/self/maps")).contains("libtorch_cpu.so"));
        }
    }

    @Test
    void isLoadedForCommandsThatComputeAlone() throws IOException {
        assertThat(run(Loaded.class, List.of(), "caption").output()).endsWith("true\n");
        assertThat(run(Loaded.class, List.of(), "zoo").output()).endsWith("false\n");
    }

    @Test
    void theCommandSaysWhatIsWrongWithIt() throws IOException {
        Files.writeString(folder.resolve("libtorch_cpu.so"), "of another machine");
        var broken = List.of(
                "-Dorg.bytedeco.javacpp.pathsFirst=true",
                "-Djava.library.path=" + folder,
                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));

        var run = run(Main.class, broken, caption("image.jpg"));

        assertThat(run.output())
                .contains(
                        "error: libtorch cannot be loaded: %s is damaged".formatted(folder.resolve("libtorch_cpu.so")))
                .doesNotContain("Exception");
        assertThat(run.status()).isEqualTo(Main.FAILED);
    }

    @Test
    void aWrongConfigurationEndsWithItsStatus() throws IOException {
        var run = run(Main.class, List.of(), caption("image.jpg", "--options", "run.beams=2"));

        assertThat(run.output()).contains("run.beams");
        assertThat(run.status()).isEqualTo(2);
    }

    private static String[] caption(String... more) {
        return Stream.concat(Stream.of(CAPTION), Stream.of(more)).toArray(String[]::new);
    }

    private static Run run(Class<?> program, List<String> options, String... arguments) throws IOException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Run(output, process.waitFor());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while a program ran", e);
        }
    }
}
