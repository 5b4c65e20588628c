package io.lavis4j.distributed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Processes of {@link GroupMember}, in the order of their ranks. */
final class GroupProcesses implements AutoCloseable {

    /** How they wait: for one another, for a sign of life, in a collective. */
    record Seconds(double join, double silence, double collective) {

        static Seconds usual() {
            return new Seconds(60, 20, 60);
        }
    }

    private static final int WAIT_SECONDS = 60;

    private final List<Process> processes = new ArrayList<>();
    private final List<BufferedReader> answers = new ArrayList<>();

    /** Starts as many as there are environments, each over that of the others. */
    GroupProcesses(Seconds seconds, List<Map<String, String>> environments) {
        for (var environment : environments) {
            var process = start(seconds, environment);
            processes.add(process);
            answers.add(process.inputReader(StandardCharsets.UTF_8));
        }
    }

    /** A whole group on this machine. */
    static GroupProcesses of(int world, Seconds seconds) {
        int port = freePort();
        var environments = new ArrayList<Map<String, String>>();
        for (int rank = 0; rank < world; rank++) {
            environments.add(environment(rank, world, port));
        }
        return new GroupProcesses(seconds, environments);
    }

    static Map<String, String> environment(int rank, int world, int port) {
        return Map.of(
                "RANK", String.valueOf(rank),
                "WORLD_SIZE", String.valueOf(world),
                "LOCAL_RANK", String.valueOf(rank),
                "MASTER_ADDR", "127.0.0.1",
                "MASTER_PORT", String.valueOf(port));
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process start(Seconds seconds, Map<String, String> environment) {
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                GroupMember.class.getName(),
                String.valueOf(seconds.join()),
                String.valueOf(seconds.silence()),
                String.valueOf(seconds.collective()));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(new HashMap<>(environment));
        builder.environment().put("OMP_NUM_THREADS", "1");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process process(int rank) {
        return processes.get(rank);
    }

    /** As it is called in messages. */
    String name(int rank) {
        try {
            String host = InetAddress.getLocalHost().getHostName();
            return "rank %d (%s, pid %d)".formatted(rank, host, process(rank).pid());
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells all to do something. */
    void tell(String what) {
        for (int rank = 0; rank < processes.size(); rank++) {
            tell(rank, what);
        }
    }

    void tell(int rank, String what) {
        try {
            var in = processes.get(rank).outputWriter(StandardCharsets.UTF_8);
            in.write(what + "\n");
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next line of each. */
    List<String> answers() {
        var lines = new ArrayList<String>();
        for (int rank = 0; rank < processes.size(); rank++) {
            lines.add(answer(rank));
        }
        return lines;
    }

    String answer(int rank) {
        try {
            String line = answers.get(rank).readLine();
            return line == null ? "ended: " + errors(rank) : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What all answer. */
    List<String> all(String what) {
        tell(what);
        return answers();
    }

    /** Waits for the end; the status. */
    int status(int rank) throws InterruptedException {
        if (!processes.get(rank).waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("rank %d did not end within %d s".formatted(rank, WAIT_SECONDS));
        }
        return processes.get(rank).exitValue();
    }

    /** What a process that has ended wrote of itself as an error; libtorch's own lines are left out. */
    String errors(int rank) {
        return processes
                .get(rank)
                .errorReader(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("lost: ") || line.startsWith("error: "))
                .reduce("", (all, line) -> all.isEmpty() ? line : all + "\n" + line);
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
