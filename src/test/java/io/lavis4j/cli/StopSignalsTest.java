package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class StopSignalsTest {

    /** Opens and closes them. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            try (var signals = new StopSignals(() -> {})) {
                System.out.println("status " + signals.status());
            }
        }
    }

    @Test
    void aJavaThatLeavesSignalsToTheSystemTrainsWithoutThem() throws IOException, InterruptedException {
        var command = LaunchProgram.java(Program.class);
        command.add(1, "-Xrs");
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("status 0", "SIGTERM", "without a checkpoint", "-Xrs");
    }
}
