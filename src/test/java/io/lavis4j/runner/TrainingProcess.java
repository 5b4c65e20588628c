package io.lavis4j.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A training in a process of its own, which can be watched and killed. */
final class TrainingProcess implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();

    private TrainingProcess(Process process) {
        this.process = process;
        reader = new Thread(this::read, "output of " + process.pid());
        reader.start();
    }

    /**
     * The command that runs lavis4j in a virtual machine which starts fast.
     *
     * @param arguments of lavis4j
     */
    static List<String> java(List<String> arguments) {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lavis4j.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    /** @param folder that the process works in */
    static TrainingProcess start(List<String> command, Path folder) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        try {
            return new TrainingProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (var in = process.inputReader(StandardCharsets.UTF_8)) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has printed so far. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Whether a line so far contains a text. */
    boolean hasPrinted(String text) {
        return lines().stream().anyMatch(line -> line.contains(text));
    }

    /**
     * Waits until something holds, or the process has ended.
     *
     * @return whether the process is still alive
     * @throws AssertionError with the output after some minutes
     */
    boolean await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (process.isAlive() && !condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("%s after %s:%n%s".formatted(process, LIMIT, this));
            }
            Thread.sleep(1);
        }
        return process.isAlive();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /**
     * Waits for the end.
     *
     * @return the exit status
     */
    int end() throws InterruptedException {
        await(() -> false);
        reader.join();
        return process.waitFor();
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    /** Kills it and all that it started, as far as they live. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
