package io.lavis4j.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledOnOs(OS.LINUX)
final class PromptExitTest {

    @TempDir
    private Path folder = Path.of("");

    /** Loads libtorch, writes, and ends with a status; prepared for that or not. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            if (arguments[0].equals("promptly")) {
                PromptExit.install();
            }
            Libtorch.load();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            System.exit(7);
        }
    }

    /** The linker says in its log whose destructors it calls. */
    @ParameterizedTest
    @CsvSource({"as others do, true", "promptly, false"})
    void aProgramEndsWithItsStatusAndWithoutTheDestructorsOfLibtorch(String how, boolean destructors)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        how)
                .redirectErrorStream(true);
        builder.environment().put("LD_DEBUG", "files");
        builder.environment().put("LD_DEBUG_OUTPUT", folder.resolve("linker").toString());
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(7);
        assertThat(output).contains("hook");
        var log = Files.readString(folder.resolve("linker." + process.pid()), UTF_8);
        assertThat(log).contains("calling init: ", "libtorch_cpu.so");
        assertThat(log.lines().anyMatch(line -> line.contains("calling fini: ") && line.contains("libtorch_cpu.so")))
                .isEqualTo(destructors);
    }
}
