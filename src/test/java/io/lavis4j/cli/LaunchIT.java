package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The processes of {@code launch} end together, however one of them, or launch, ends. */
class LaunchIT {

    private static final int WAIT_SECONDS = 60;
    private static final Pattern PID = Pattern.compile("(?:\\[rank \\d\\] )?pid (\\d+) of rank (\\d)");
    private static final int KILL = 137;

    private final Map<Integer, Long> pids = new HashMap<>();

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (long pid : pids.values()) {
            assertThat(isAlive(pid)).as("orphan").isFalse();
        }
    }

    private static boolean isAlive(long pid) throws InterruptedException {
        var until = System.nanoTime() + Duration.ofSeconds(WAIT_SECONDS).toNanos();
        while (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent() && System.nanoTime() < until) {
            Thread.sleep(50);
        }
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    private long pid(int rank) {
        return Objects.requireNonNull(pids.get(rank));
    }

    /** A running launch, whose processes have all begun. */
    private final class Running implements AutoCloseable {

        private final Process launch;
        private final BufferedReader out;
        private final List<String> lines = new ArrayList<>();

        Running(String... works) throws IOException {
            var arguments = new ArrayList<>(List.of(String.valueOf(works.length)));
            arguments.addAll(List.of(works));
            var program = new ArrayList<>(LaunchProgram.HEARS_INTERRUPTS);
            program.addAll(LaunchProgram.java(LaunchProgram.class, arguments.toArray(String[]::new)));
            launch = new ProcessBuilder(program).start();
            out = launch.inputReader(UTF_8);
            while (pids.size() < works.length) {
                String line = out.readLine();
                assertThat(line).as("output of launch").isNotNull();
                var pid = PID.matcher(line);
                if (pid.matches()) {
                    pids.put(Integer.valueOf(pid.group(2)), Long.valueOf(pid.group(1)));
                } else {
                    lines.add(line);
                }
            }
        }

        void signal(long pid, String name) throws IOException, InterruptedException {
            assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                            .start()
                            .waitFor())
                    .isZero();
        }

        int status() throws InterruptedException {
            assertThat(launch.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return launch.exitValue();
        }

        List<String> lines() {
            out.lines().forEach(lines::add);
            return lines;
        }

        String errors() {
            return String.join("\n", launch.errorReader(UTF_8).lines().toList());
        }

        @Override
        public void close() {
            launch.destroyForcibly();
        }
    }

    @Test
    void othersThanTheFirstAreShownWithTheirRank() throws IOException, InterruptedException {
        try (var launch = new Running("done", "done")) {
            assertThat(launch.lines()).containsExactlyInAnyOrder("rank 0 of 2", "[rank 1] rank 1 of 2");
            assertThat(launch.status()).isZero();
            assertThat(launch.errors()).isEmpty();
        }
    }

    @Test
    void theFirstThatFailsIsNamedAndTheOthersAreEnded() throws IOException, InterruptedException {
        try (var launch = new Running("hear nothing", "fail")) {
            assertThat(launch.status()).isEqualTo(4);
            assertThat(launch.errors().lines())
                    .containsExactly(
                            "[rank 1] error: no space left",
                            "error: rank 1 (pid %d) ended with status 4; its last errors:".formatted(pid(1)),
                            "  error: no space left");
        }
    }

    @Test
    void whoHasHeardOfAnothersFailureIsNotTheFirst() throws IOException, InterruptedException {
        try (var launch = new Running("lost", "fail late", "save when asked to stop")) {
            assertThat(launch.status()).isEqualTo(4);
            assertThat(launch.errors())
                    .isEqualTo("error: rank 1 (pid %d) ended with status 4; it wrote no error".formatted(pid(1)));
        }
    }

    @Test
    void theSignalThatKilledOneIsNamed() throws IOException, InterruptedException {
        try (var launch = new Running("save when asked to stop", "save when asked to stop")) {
            launch.signal(pid(1), "KILL");
            assertThat(launch.status()).isEqualTo(KILL);
            assertThat(launch.errors())
                    .isEqualTo("error: rank 1 (pid %d) was killed by signal 9 (SIGKILL); it wrote no error"
                            .formatted(pid(1)));
            assertThat(launch.lines()).as("the other was asked first").contains("saved 0");
        }
    }

    @Test
    void allHearASignalAndTakeTheirTime() throws IOException, InterruptedException {
        try (var launch = new Running("save when asked to stop", "save when asked to stop")) {
            launch.signal(launch.launch.pid(), "TERM");
            assertThat(launch.lines()).containsExactlyInAnyOrder("saved 0", "[rank 1] saved 1");
            assertThat(launch.status()).isEqualTo(5);
        }
    }

    @Test
    void whoIsFrozenWhenAllAreAskedToStopIsEnded() throws IOException, InterruptedException {
        try (var launch = new Running("miss another when asked to stop", "hear nothing")) {
            launch.signal(launch.launch.pid(), "TERM");
            assertThat(launch.status()).isEqualTo(Main.LOST);
            assertThat(launch.errors())
                    .isEqualTo("error: rank 0 (pid %d) ended with status 3; it wrote no error".formatted(pid(0)));
        }
    }

    /** As a terminal does on Ctrl-C. */
    @Test
    void aSignalThatComesToAllAndFromLaunchIsOne() throws IOException, InterruptedException {
        try (var launch = new Running("stop in order", "stop in order")) {
            for (long pid : List.of(pid(0), pid(1), launch.launch.pid())) {
                launch.signal(pid, "INT");
            }
            assertThat(launch.lines()).contains("stopped 0", "[rank 1] stopped 1");
            assertThat(launch.status()).isEqualTo(130);
        }
    }

    @Test
    void theProgramIsStartedAgain() throws IOException, InterruptedException {
        var command =
                LaunchProgram.java(Main.class, "launch", "--nproc_per_node", "2", "train", "--cfg-path", "none.yaml");
        var launch = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var lines = launch.inputReader(UTF_8)) {
            assertThat(lines.lines().toList())
                    .anyMatch(line -> line.matches("(\\[rank 1\\] )?error: no file \"none.yaml\", .*"))
                    .anyMatch(line ->
                            line.matches("error: rank [01] \\(pid \\d+\\) ended with status 2; its last errors:"));
            assertThat(launch.waitFor()).isEqualTo(2);
        }
    }

    @Test
    void nobodyOutlivesLaunch() throws IOException, InterruptedException {
        try (var launch = new Running("hear nothing", "hear nothing")) {
            launch.signal(launch.launch.pid(), "KILL");
            assertThat(launch.status()).isEqualTo(KILL);
        }
    }
}
