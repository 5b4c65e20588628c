package io.lavis4j.metric;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that reads lines and writes lines, in UTF-8. Threads of its own write to it and empty its outputs, so no
 * pipe fills up; {@link #close} leaves no process behind, nor does the end of this one.
 */
public final class ChildProcess implements AutoCloseable {

    private static final int LAST_LINES = 10;
    private static final long DYING_SECONDS = 10;

    private final String name;
    private final Process process;
    private final Duration timeout;
    private final BlockingQueue<Optional<String>> out = new LinkedBlockingQueue<>(); // empty at its end
    private final Deque<String> lastErrors = new ArrayDeque<>();
    private final Thread outReader;
    private final Thread errReader;
    private final Thread killer;
    private @Nullable Thread writer;

    /**
     * Starts a program.
     *
     * @param name for messages
     * @param timeout the longest wait for a line, or for the end
     * @throws UncheckedIOException if it cannot be started
     */
    public ChildProcess(String name, List<String> command, Duration timeout) {
        this.name = name;
        this.timeout = timeout;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be started: %s is not there or not executable (%s); expected a Java"
                            .formatted(name, command.get(0), e.getMessage()),
                    e);
        }
        outReader = thread("out", () -> {
            read(process.getInputStream(), line -> out.add(Optional.of(line)));
            out.add(Optional.empty());
        });
        errReader = thread("err", () -> read(process.getErrorStream(), this::remember));
        killer = new Thread(process::destroyForcibly, name + " at exit");
        Runtime.getRuntime().addShutdownHook(killer);
    }

    private Thread thread(String what, Runnable work) {
        var thread = new Thread(work, name + " " + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void read(InputStream in, Consumer<String> lines) {
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines);
        } catch (IOException | UncheckedIOException e) {
            lines.accept(String.valueOf(e.getMessage())); // the stream of a process that was killed
        }
    }

    private void remember(String line) {
        synchronized (lastErrors) {
            lastErrors.add(line);
            if (lastErrors.size() > LAST_LINES) {
                lastErrors.remove();
            }
        }
    }

    /** Starts writing lines; the input ends after the last. */
    public void send(Iterable<String> lines) {
        writer = thread("in", () -> {
            try (var in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)) {
                for (String line : lines) {
                    in.write(line);
                    in.write('\n');
                }
            } catch (IOException e) {
                remember("its input was closed early (" + e.getMessage() + ")");
            }
        });
    }

    /**
     * The next line of its output.
     *
     * @param expected for messages: which line this is
     * @throws UncheckedIOException if it ended instead, with the last lines of its errors, or said nothing for too long
     */
    public String line(String expected) {
        try {
            var line = out.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw failure(
                        "gave no answer within %d s while %s was expected".formatted(timeout.toSeconds(), expected));
            }
            return line.orElseThrow(() -> failure("ended %s before %s".formatted(status(), expected)));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Waits for its end.
     *
     * @throws UncheckedIOException if it fails, with the last lines of its errors, or takes too long
     */
    void awaitSuccess() {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failure("did not end within %d s".formatted(timeout.toSeconds()));
            }
            if (process.exitValue() != 0) {
                throw failure("ended " + status());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private String status() {
        try {
            return process.waitFor(DYING_SECONDS, TimeUnit.SECONDS)
                    ? "with status " + process.exitValue()
                    : "its output";
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for a program", e);
    }

    /** With what the program complained of, complete if it has ended. */
    public UncheckedIOException failure(String problem) {
        if (!process.isAlive()) {
            join(errReader);
        }
        List<String> lines;
        synchronized (lastErrors) {
            lines = new ArrayList<>(lastErrors);
        }
        var message = "%s %s; %s"
                .formatted(
                        name,
                        problem,
                        lines.isEmpty() ? "it wrote no error" : "its last errors:\n  " + String.join("\n  ", lines));
        return new UncheckedIOException(message, new IOException(problem));
    }

    private static void join(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(DYING_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    long pid() {
        return process.pid();
    }

    /** Ends the program, if it has not ended, and waits until it is gone. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(DYING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        join(outReader);
        join(errReader);
        if (writer != null) {
            join(writer);
        }
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            remember("ended while this program was ending"); // the hook is running, or has run
        }
    }
}
