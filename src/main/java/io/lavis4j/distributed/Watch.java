package io.lavis4j.distributed;

import io.lavis4j.distributed.Member.Beat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Signs of life. Each process gives its own from a thread of its own, which neither long work nor long waiting of the
 * others holds up, and looks for those of the others: it tells the first that it misses, once, and so do the others,
 * who find in the store what the first of them has found. A process that does not give any, as one of Python's, is not
 * watched.
 *
 * <p>Only times on this process's clock are compared; after a time in which it was stopped itself, it begins anew.
 */
final class Watch implements AutoCloseable {

    private static final int BEATS_PER_SILENCE = 10;
    private static final int MISSED_AFTER_A_BREAK = 3;
    private static final int HEARD_WITHIN = 2; // beats
    private static final String FAILED = "failed";
    private static final Pattern CONNECTION =
            Pattern.compile("(?i)connection|socket|broken pipe|peer|time[d ]*out|gloo|nccl|store");
    private static final Pattern TOO_LATE = Pattern.compile("(?i)time[d ]*out");

    private final Rendezvous rendezvous;
    private final GroupConfig config;
    private final MeetingPoint point;
    private final String name;
    private final Consumer<String> whenLost;
    private final long interval; // ns
    private final Map<Integer, Member> others = new TreeMap<>();
    private final CountDownLatch lost = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread beating;
    private final Thread guard;

    private Beat own = Beat.NONE;
    private boolean inside;
    private boolean broken;
    private long lastRound;
    private long lastGuard;
    private @Nullable String loss;

    private Watch(
            Rendezvous rendezvous, GroupConfig config, MeetingPoint point, String name, Consumer<String> whenLost) {
        this.rendezvous = rendezvous;
        this.config = config;
        this.point = point;
        this.name = name;
        this.whenLost = whenLost;
        interval = config.silence().toNanos() / BEATS_PER_SILENCE;
        lastRound = System.nanoTime();
        lastGuard = lastRound;
        beating = thread("signs of life", this::round);
        guard = thread("watch over the store", this::requireStore);
    }

    /**
     * Begins.
     *
     * @param point a connection of its own; closed with the watch
     * @param name host and process, for the others
     * @param whenLost told the reason, on a thread of the watch, if another process is lost or fails
     */
    static Watch begin(
            Rendezvous rendezvous, GroupConfig config, MeetingPoint point, String name, Consumer<String> whenLost) {
        var watch = new Watch(rendezvous, config, point, name, whenLost);
        watch.beating.start();
        watch.guard.start();
        return watch;
    }

    private Thread thread(String what, Runnable step) {
        var thread = new Thread(
                () -> {
                    do {
                        step.run();
                    } while (!stops(interval));
                },
                what);
        thread.setDaemon(true);
        return thread;
    }

    /** Waits; whether the watch has ended. */
    private boolean stops(long nanos) {
        return await(stopped, nanos);
    }

    private static boolean await(CountDownLatch latch, long nanos) {
        try {
            return latch.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Gives a sign of life and looks for those of the others. */
    private void round() {
        if (loss() != null) {
            return;
        }
        String found = null;
        try (var scope = new PointerScope()) {
            point.set("beat/" + rendezvous.rank(), nextBeat().text());
            if (point.has(FAILED)) {
                found = point.get(FAILED);
            } else {
                for (int rank = 0; rank < rendezvous.world(); rank++) {
                    if (rank != rendezvous.rank()) {
                        look(rank);
                    }
                }
                found = missing(System.nanoTime());
                if (found != null) {
                    found = point.setIfAbsent(FAILED, found);
                }
            }
        } catch (RuntimeException e) { // c10d's errors have no type of their own
            found = storeLost("is gone: the store that it kept at %s:%d is closed"
                    .formatted(rendezvous.host(), rendezvous.port()));
        }
        if (found != null && stopped.getCount() > 0) {
            if (rendezvous.keepsStore()) {
                stops(HEARD_WITHIN * interval); // until the others have read it
            }
            lose(found);
        }
    }

    private synchronized Beat nextBeat() {
        long now = System.nanoTime();
        if (now - lastRound > config.silence().toNanos() / 2) { // it was this process that was stopped
            others.replaceAll((rank, member) -> member.seen(now));
        }
        own = new Beat(own.number() + 1, own.collective(), own.what(), own.left());
        return own;
    }

    private void look(int rank) {
        String beat = "beat/" + rank;
        if (known(rank) || point.has(beat)) {
            String host = known(rank) ? "" : point.get("member/" + rank);
            note(rank, host, Beat.of(point.get(beat)));
        }
    }

    private synchronized boolean known(int rank) {
        return others.containsKey(rank);
    }

    private synchronized void note(int rank, String host, Beat beat) {
        long now = System.nanoTime();
        var member = others.get(rank);
        others.put(rank, member == null ? new Member(rank, host, beat, now) : member.with(beat, now));
        lastRound = now;
    }

    /** What is wrong with the others; {@code null} for nothing. */
    private synchronized @Nullable String missing(long now) {
        lastRound = now;
        long limit = broken ? MISSED_AFTER_A_BREAK * interval : config.silence().toNanos();
        for (var member : others.values()) {
            var beat = member.beat();
            if (beat.left()) {
                if (inside && beat.collective() < own.collective()) {
                    return "%s has left the group, its work being done, while %s waits for it in %s"
                            .formatted(member, self(), own.name());
                }
            } else if (now - member.seen() > limit) {
                return "%s %s %d s; it was last %s"
                        .formatted(
                                member,
                                broken
                                        ? "is gone: its connections are closed, and it has not answered for"
                                        : "has not answered for",
                                Duration.ofNanos(now - member.seen()).toSeconds(),
                                beat.place());
            }
        }
        return null;
    }

    private String self() {
        return "rank %d (%s)".formatted(rendezvous.rank(), name);
    }

    private synchronized String storeLost(String what) {
        var keeper = others.get(0);
        return "%s %s".formatted(keeper == null ? "rank 0" : keeper, what);
    }

    /** The store may be held by a process that is stopped, and a question to it then waits for ever. */
    private void requireStore() {
        String found = null;
        synchronized (this) {
            long now = System.nanoTime();
            if (now - lastGuard > config.silence().toNanos() / 2) { // it was this process that was stopped
                lastRound = now;
            }
            lastGuard = now;
            long silent = now - lastRound;
            if (silent > config.silence().toNanos() + interval) {
                found = storeLost("has not answered for %d s, and neither has the store that it keeps at %s:%d"
                        .formatted(Duration.ofNanos(silent).toSeconds(), rendezvous.host(), rendezvous.port()));
            }
        }
        if (found != null && stopped.getCount() > 0) {
            lose(found);
        }
    }

    private void lose(String reason) {
        synchronized (this) {
            if (loss != null) {
                return;
            }
            loss = reason;
        }
        whenLost.accept(reason);
        lost.countDown();
    }

    /** This process comes to a collective. */
    synchronized void enter(String what) {
        own = new Beat(own.number(), own.collective() + 1, what, own.left());
        inside = true;
    }

    /** It has gone through. */
    synchronized void pass() {
        inside = false;
    }

    /**
     * The reason why a collective failed. Where a connection broke, whoever is gone gives no sign of life any more, and
     * is waited for.
     */
    RuntimeException explained(RuntimeException error) {
        String message = String.valueOf(error.getMessage());
        if (error.getClass() != RuntimeException.class
                || !CONNECTION.matcher(message).find()) {
            return error; // not c10d's, whose errors are plain
        }
        boolean late = TOO_LATE.matcher(message).find();
        synchronized (this) {
            broken = !late;
        }
        await(lost, late ? 2 * interval : config.silence().toNanos() + 2 * interval); // for news of the others
        synchronized (this) {
            if (loss != null) {
                return new LostProcessException(loss);
            }
            return new LostProcessException(
                    late
                            ? late()
                            : "a connection broke in %s, and every process lives: %s"
                                    .formatted(
                                            own.name(),
                                            message.lines().findFirst().orElse("")));
        }
    }

    private synchronized String late() {
        var late = new ArrayList<String>();
        var come = new ArrayList<String>(List.of(self()));
        for (var member : others.values()) {
            if (member.beat().collective() < own.collective()) {
                late.add(
                        "%s, which lives, is %s".formatted(member, member.beat().place()));
            } else {
                come.add(member.toString());
            }
        }
        String waiting = "%s waited %d s for all processes"
                .formatted(own.name(), config.collective().toSeconds());
        return late.isEmpty()
                ? waiting + ", and all are there; it takes longer than run.dist_timeout_seconds"
                : "%s, and not all came: %s; there were %s"
                        .formatted(waiting, String.join("; ", late), String.join(", ", come));
    }

    /** Tells the others that this process fails, which ends them. */
    void fail(String reason) {
        stop();
        if (loss() == null && !beating.isAlive()) {
            tell(reason);
        }
    }

    private void tell(String reason) {
        try (var scope = new PointerScope()) {
            point.setIfAbsent(FAILED, "%s failed: %s".formatted(self(), reason));
            if (rendezvous.keepsStore()) {
                await(lost, HEARD_WITHIN * interval); // until the others have read it
            }
        } catch (RuntimeException e) { // the store is gone, and with it those who would be told
            lost.countDown();
        }
    }

    /** What this process was told of others; {@code null} for nothing. */
    synchronized @Nullable String loss() {
        return loss;
    }

    private void stop() {
        stopped.countDown();
        try {
            beating.join(TimeUnit.NANOSECONDS.toMillis(MISSED_AFTER_A_BREAK * interval)); // may wait for a dead store
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Leaves the group; the process that keeps the store waits for the others. */
    @Override
    public void close() {
        synchronized (this) {
            own = new Beat(own.number(), own.collective(), own.what(), true);
        }
        boolean failed = stopped.getCount() == 0;
        boolean waits = !failed && rendezvous.keepsStore();
        while (waits && !othersLeft()) {
            waits = !await(lost, interval);
        }
        stop();
        if (!beating.isAlive()) { // else it still holds the connection, and waits for a store that is gone
            if (!failed && loss() == null) {
                sayGoodbye();
            }
            point.close();
        }
    }

    private synchronized boolean othersLeft() {
        return others.values().stream().allMatch(member -> member.beat().left());
    }

    private void sayGoodbye() {
        try (var scope = new PointerScope()) {
            point.set("beat/" + rendezvous.rank(), nextBeat().text());
        } catch (RuntimeException e) { // the store is gone, and with it those who would be told
            lost.countDown();
        }
    }

    /** Ranks that have not been heard of; those of Python's processes, too. */
    synchronized List<Integer> absent() {
        return IntStream.range(0, rendezvous.world())
                .filter(rank -> rank != rendezvous.rank() && !others.containsKey(rank))
                .boxed()
                .toList();
    }
}
