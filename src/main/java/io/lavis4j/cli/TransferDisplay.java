package io.lavis4j.cli;

import io.lavis4j.download.TransferListener;
import io.lavis4j.download.Units;
import io.lavis4j.io.Listing;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * Progress of several transfers in one line, with rate and time left: rewritten on a terminal, else written every few
 * seconds.
 */
final class TransferDisplay implements TransferListener, AutoCloseable {

    private static final long SECOND = 1_000_000_000;
    private static final long RATE_OVER = 15 * SECOND;
    private static final int COLUMNS = 110;

    private final PrintWriter out;
    private final boolean rewrites;
    private final LongSupplier nanos;
    private final Map<Path, State> files = new LinkedHashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long received;
    private @Nullable Long shown;

    /** @param size or {@link #UNKNOWN} */
    private record State(long position, long size) {}

    private record Sample(long time, long received) {}

    TransferDisplay(PrintWriter out, boolean rewrites, LongSupplier nanos) {
        this.out = out;
        this.rewrites = rewrites;
        this.nanos = nanos;
    }

    static TransferDisplay on(PrintWriter out) {
        return new TransferDisplay(out, Ansi.AUTO.enabled(), System::nanoTime);
    }

    @Override
    public synchronized void at(Path target, long position, long size) {
        var before = files.put(target, new State(position, size));
        received += before == null ? 0 : Math.max(position - before.position(), 0);
        long now = nanos.getAsLong();
        samples.addLast(new Sample(now, received));
        while (samples.size() > 2 && now - samples.getFirst().time() > RATE_OVER) {
            samples.removeFirst();
        }
        long every = rewrites ? SECOND / 5 : 10 * SECOND;
        if (shown == null || now - shown >= every || position == size) {
            shown = now;
            show(line());
        }
    }

    private void show(String line) {
        if (rewrites) {
            out.print("\r" + line + " ".repeat(Math.max(COLUMNS - line.length(), 0)));
            out.flush();
        } else {
            out.println(line);
        }
    }

    private String line() {
        long position = files.values().stream().mapToLong(State::position).sum();
        boolean known = files.values().stream().noneMatch(file -> file.size() == UNKNOWN);
        long size = files.values().stream().mapToLong(State::size).sum();
        var unfinished = files.entrySet().stream()
                .filter(file -> file.getValue().position() != file.getValue().size())
                .map(file -> String.valueOf(file.getKey().getFileName()))
                .toList();
        String names = unfinished.isEmpty() ? "" : "  " + Listing.of(unfinished, 2);
        return "%s%s%s%s"
                .formatted(
                        Units.bytes(position),
                        known ? " of " + Units.bytes(size) : "",
                        rate(known ? size - position : UNKNOWN),
                        names);
    }

    /** @param rest bytes to come, or {@link #UNKNOWN} */
    private String rate(long rest) {
        var first = samples.getFirst();
        var last = samples.getLast();
        double seconds = (last.time() - first.time()) / (double) SECOND;
        double rate = seconds > 0 ? (last.received() - first.received()) / seconds : 0;
        if (rate < 1) {
            return "";
        }
        String left = rest > 0 ? ", " + Units.time(Duration.ofSeconds((long) (rest / rate))) + " left" : "";
        return ", %s/s%s".formatted(Units.bytes((long) rate), left);
    }

    @Override
    public synchronized void note(String event) {
        endLine();
        out.println(event);
    }

    private void endLine() {
        if (rewrites && shown != null) {
            out.println();
            shown = null;
        }
    }

    @Override
    public synchronized void close() {
        endLine();
        out.flush();
    }
}
