package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** {@code launch} in tests, of processes that need no libtorch. */
final class LaunchProgram {

    /** What a command begins with that hears SIGINT, although a shell may have started the tests in the background. */
    static final List<String> HEARS_INTERRUPTS = List.of("env", "--default-signal=INT");

    private LaunchProgram() {}

    static List<String> java(Class<?> program, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** @param arguments number of processes, and what each does */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, UTF_8);
        var err = new PrintWriter(System.err, true, UTF_8);
        String[] works = List.of(arguments).subList(1, arguments.length).toArray(String[]::new);
        var launch = new Launch("127.0.0.1", 29999, 1, 0, Integer.parseInt(arguments[0]), java(Rank.class, works));
        System.exit(new RankProcesses(out, err, Duration.ofSeconds(2)).run(launch));
    }

    /** A process: the argument of its rank says what it does. */
    static final class Rank {

        private Rank() {}

        public static void main(String[] works) throws InterruptedException {
            Launched.endWithLaunch();
            String rank = System.getenv("RANK");
            var out = new PrintWriter(System.out, true, UTF_8);
            String work = works[Integer.parseInt(rank)];
            var asked = new CountDownLatch(1);
            @Nullable StopSignals signals = null;
            switch (work) {
                case "hear nothing" -> Runtime.getRuntime().addShutdownHook(new Thread(Rank::sleep));
                case "save when asked to stop" ->
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                        out.println("saved " + rank);
                        Runtime.getRuntime().halt(5);
                    }));
                case "miss another when asked to stop" ->
                    Runtime.getRuntime()
                            .addShutdownHook(
                                    new Thread(() -> Runtime.getRuntime().halt(Main.LOST)));
                case "stop in order" -> signals = new StopSignals(asked::countDown);
                default -> {}
            }
            out.println("pid " + ProcessHandle.current().pid() + " of rank " + rank);
            switch (work) {
                case "done" -> out.println("rank " + rank + " of " + System.getenv("WORLD_SIZE"));
                case "fail" -> {
                    System.err.println("error: no space left");
                    System.exit(4);
                }
                case "lost" -> Runtime.getRuntime().halt(Main.LOST);
                case "fail late" -> {
                    Thread.sleep(700);
                    System.exit(4);
                }
                case "stop in order" -> {
                    asked.await();
                    Thread.sleep(500); // until signals have come from everywhere
                    out.println("stopped " + rank);
                    System.exit(Objects.requireNonNull(signals).status());
                }
                case "save when asked to stop", "miss another when asked to stop", "hear nothing" -> sleep();
                default -> throw new IllegalArgumentException(String.join(" ", works));
            }
        }

        private static void sleep() {
            try {
                Thread.sleep(Duration.ofMinutes(5).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
