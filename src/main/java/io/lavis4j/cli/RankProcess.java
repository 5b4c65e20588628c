package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A process of {@code launch}, and the end of it. */
final class RankProcess {

    private static final int LAST_LINES = 10;
    private static final int SIGNALLED = 128;
    private static final long LAST_WORDS_MS = 5000;
    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV",
            15, "SIGTERM");

    private final int rank;
    private final Process process;
    private final Deque<String> lastErrors = new ArrayDeque<>();
    private final List<Thread> readers = new ArrayList<>();

    private RankProcess(int rank, Process process) {
        this.rank = rank;
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param local its number on this machine
     * @throws UncheckedIOException if it cannot be started
     */
    static RankProcess start(Launch launch, int local, PrintWriter out, PrintWriter err) {
        var builder = new ProcessBuilder(launch.command());
        builder.environment().putAll(launch.variables(local, System::getenv));
        int rank = launch.rank(local);
        try {
            var started = new RankProcess(rank, builder.start());
            started.show(started.process.inputReader(UTF_8), out, false);
            started.show(started.process.errorReader(UTF_8), err, true);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("rank %d cannot be started (%s)".formatted(rank, e.getMessage()), e);
        }
    }

    private void show(BufferedReader lines, PrintWriter to, boolean errors) {
        String prefix = rank == 0 ? "" : "[rank %d] ".formatted(rank);
        var reader = new Thread(
                () -> {
                    try (lines) {
                        lines.lines().forEach(line -> {
                            to.println(prefix + line);
                            if (errors) {
                                remember(line);
                            }
                        });
                    } catch (IOException | UncheckedIOException e) {
                        remember("its output cannot be read (" + e.getMessage() + ")");
                    }
                },
                "output of rank " + rank);
        reader.setDaemon(true);
        reader.start();
        readers.add(reader);
    }

    private void remember(String line) {
        synchronized (lastErrors) {
            lastErrors.add(line);
            if (lastErrors.size() > LAST_LINES) {
                lastErrors.remove();
            }
        }
    }

    /** Tells of its end, when it has come. */
    RankProcess whenEnded(Consumer<RankProcess> told) {
        var waiting = new Thread(
                () -> {
                    try {
                        process.waitFor();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    told.accept(this);
                },
                "end of rank " + rank);
        waiting.setDaemon(true);
        waiting.start();
        return this;
    }

    Process process() {
        return process;
    }

    /** Sends SIGTERM, and leaves its streams open, unlike {@link Process#destroy()}: what it does then is shown. */
    void ask() {
        process.toHandle().destroy();
    }

    /** The exit status of one that has ended; 128 and the signal if one has killed it. */
    int status() {
        return process.exitValue();
    }

    /** How one that has ended did so, and what it wrote last as an error. */
    String end() throws InterruptedException {
        showAll();
        String how = status() > SIGNALLED && status() < 2 * SIGNALLED
                ? "was killed by signal %d%s"
                        .formatted(
                                status() - SIGNALLED,
                                SIGNALS.containsKey(status() - SIGNALLED)
                                        ? " (" + SIGNALS.get(status() - SIGNALLED) + ")"
                                        : "")
                : "ended with status " + status();
        synchronized (lastErrors) {
            return "rank %d (pid %d) %s; %s"
                    .formatted(
                            rank,
                            process.pid(),
                            how,
                            lastErrors.isEmpty()
                                    ? "it wrote no error"
                                    : "its last errors:\n  " + String.join("\n  ", lastErrors));
        }
    }

    /** Waits until all that one wrote that has ended is shown. */
    void showAll() throws InterruptedException {
        for (var reader : readers) {
            reader.join(LAST_WORDS_MS);
        }
    }

    /** Waits for its end; whether it came. */
    boolean ends(long nanos) throws InterruptedException {
        return process.waitFor(nanos, TimeUnit.NANOSECONDS);
    }
}
