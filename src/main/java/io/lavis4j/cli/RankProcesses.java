package io.lavis4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The processes that {@code launch} has started: they end together. */
final class RankProcesses {

    private static final long MOMENT_MS = 2000;
    private static final long LOST_NANOS = Duration.ofSeconds(3).toNanos();

    private final PrintWriter out;
    private final PrintWriter err;
    private final Duration killAfter;
    private final List<RankProcess> all = new ArrayList<>();
    private final BlockingQueue<RankProcess> ended = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private volatile boolean stopping;

    /**
     * None yet.
     *
     * @param out for what they print
     * @param err for their errors, and that one has failed
     * @param killAfter how long the others may take to end then
     */
    RankProcesses(PrintWriter out, PrintWriter err, Duration killAfter) {
        this.out = out;
        this.err = err;
        this.killAfter = killAfter;
    }

    /**
     * Starts them and waits for their end.
     *
     * @return the exit status of the first that failed, 0 if none did
     */
    int run(Launch launch) {
        var forward = new Thread(this::forward, "signals to all ranks");
        Runtime.getRuntime().addShutdownHook(forward);
        try {
            start(launch);
            status.complete(end());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            kill();
            status.complete(Main.FAILED);
        }
        try {
            Runtime.getRuntime().removeShutdownHook(forward);
        } catch (IllegalStateException e) {
            err.flush(); // a signal has come, and its thread ends this process
        }
        return status.join();
    }

    private synchronized void start(Launch launch) {
        for (int local = 0; local < launch.here() && !stopping; local++) {
            all.add(RankProcess.start(launch, local, out, err).whenEnded(ended::add));
        }
    }

    /** On a signal: all are told, and end when they have saved what they have. */
    private void forward() {
        stopping = true;
        synchronized (this) {
            all.forEach(RankProcess::ask);
        }
        Runtime.getRuntime().halt(status.join());
    }

    private int end() throws InterruptedException {
        RankProcess failed = null;
        for (int i = 0; i < all.size(); i++) {
            var rank = ended.take();
            rank.showAll();
            if (rank.status() == 0) {
                continue;
            }
            if (!stopping || rank.status() == Main.LOST) { // who does not hear it now will not
                return endOthers(cause(rank));
            }
            failed = failed == null ? rank : failed;
        }
        return failed == null ? 0 : failed.status();
    }

    /** Who has heard that another failed may end before that one. */
    private RankProcess cause(RankProcess first) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOMENT_MS);
        @Nullable RankProcess next = first;
        while (next != null) {
            if (next.status() != 0 && next.status() != Main.LOST) {
                return next;
            }
            next = ended.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        return first;
    }

    private int endOthers(RankProcess failed) throws InterruptedException {
        err.println("error: " + failed.end());
        all.forEach(RankProcess::ask);
        boolean lost = failed.status() == Main.LOST; // who lives ends by itself then, and who is frozen will not
        long until = System.nanoTime() + (lost ? Math.min(killAfter.toNanos(), LOST_NANOS) : killAfter.toNanos());
        for (var rank : all) {
            if (!rank.ends(until - System.nanoTime())) {
                rank.process().destroyForcibly();
                rank.ends(Long.MAX_VALUE);
            }
            rank.showAll();
        }
        return failed.status();
    }

    private synchronized void kill() {
        all.forEach(rank -> rank.process().destroyForcibly());
    }
}
