package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands that compute, under signals; {@code signals} of the system properties says how many. */
@EnabledOnOs(OS.LINUX)
class SignalledCommandsIT {

    private static final int SIGNALS = Integer.getInteger("signals", 6);
    private static final Path IMAGE = Path.of("src/test/resources/images/cmyk.jpg");

    @TempDir
    private Path folder = Path.of("");

    private Process start(Path log, String... arguments) throws IOException {
        var command = new ArrayList<>(LaunchProgram.HEARS_INTERRUPTS);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:ErrorFile=" + folder.resolve("crash"), "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--cfg-path", "finetune/caption_sherlock_mini.yaml", "--options", "run.device=cpu"));
        command.add("data_root=src/test/resources/sherlock_mini");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private void end(Process process, Path log, String signal) throws IOException, InterruptedException {
        var text = Files.readString(log, UTF_8);
        assertThat(process.isAlive()).as(text).isTrue();
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log, UTF_8)).isEqualTo(signal.equals("TERM") ? 143 : 130);
        assertThat(folder.resolve("crash")).doesNotExist();
    }

    @Test
    void captionsThatAreEndedLeaveWholeRowsAndNoCrash() throws IOException, InterruptedException {
        var list = list();
        var out = folder.resolve("out.jsonl");
        long before = 0;
        for (int i = 0; i < SIGNALS; i++) {
            var log = folder.resolve("log" + i);
            var process = start(log, "caption", list.toString(), "--out", out.toString());
            while (process.isAlive() && (Files.notExists(out) || Files.size(out) <= before)) {
                Thread.sleep(5);
            }
            Thread.sleep(17L * i); // anywhere in a step
            end(process, log, i % 2 == 0 ? "TERM" : "INT");
            before = Files.size(out);
            var rows = Files.readAllLines(out);
            for (var row : rows) {
                assertThat(new ObjectMapper().readTree(row).path("caption").isTextual())
                        .as(row)
                        .isTrue();
            }
            assertThat(Files.readString(out)).endsWith("\n");
        }
    }

    /** Libraries are being loaded, weights read, and the first images captioned. */
    @Test
    void aCommandThatIsEndedWhileItBeginsDoesNotCrash() throws IOException, InterruptedException {
        var list = list();
        for (int i = 0; i < SIGNALS; i++) {
            var log = folder.resolve("log" + i);
            var out = folder.resolve(i + ".jsonl");
            var process = start(log, "caption", list.toString(), "--out", out.toString());
            Thread.sleep(300 + 1500L * i / SIGNALS);
            end(process, log, "TERM");
        }
    }

    /** More images than are captioned in minutes. */
    private Path list() throws IOException {
        return Files.write(
                folder.resolve("list.txt"),
                Collections.nCopies(20_000, IMAGE.toAbsolutePath().toString()));
    }
}
