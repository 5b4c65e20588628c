package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Two and four processes that do together what one does, each on one thread. */
class TogetherIT {

    @TempDir
    private Path folder = Path.of("");

    @TestFactory
    Stream<DynamicTest> twoProcesses() throws IOException, InterruptedException {
        return checks(2);
    }

    @TestFactory
    Stream<DynamicTest> fourProcesses() throws IOException, InterruptedException {
        return checks(4);
    }

    /** All checks in one start of all processes; a test is one of them. */
    private Stream<DynamicTest> checks(int world) throws IOException, InterruptedException {
        int port = GroupProcesses.freePort();
        var processes = new ArrayList<Process>();
        var outputs = new ArrayList<Path>();
        for (int rank = 0; rank < world; rank++) {
            outputs.add(folder.resolve("output" + rank));
            processes.add(start(rank, world, port, outputs.get(rank)));
        }
        for (var process : processes) {
            process.waitFor();
        }
        var texts = new ArrayList<String>();
        for (var output : outputs) {
            texts.add(Files.readString(output));
        }
        Stream.Builder<DynamicTest> tests = Stream.builder();
        for (var name : CheckingProcess.checks(world).keySet()) {
            tests.add(DynamicTest.dynamicTest(
                    name,
                    () -> assertThat(texts)
                            .allSatisfy(text ->
                                    assertThat(text.lines()).as(text).contains(CheckingProcess.PASSED + name))));
        }
        return tests.build();
    }

    private Process start(int rank, int world, int port, Path output) throws IOException {
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CheckingProcess.class.getName(),
                folder.toString());
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(GroupProcesses.environment(rank, world, port));
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.start();
    }
}
