package io.lavis4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * While this is open, the first SIGTERM or SIGINT calls for an orderly stop, and a second one ends the process at once.
 * Under {@code launch} one comes twice where a terminal or a scheduler sends it to all processes, as launch passes on
 * its own; there the first seconds' are one.
 *
 * <p>A shutdown hook would come too late: files can no longer be replaced in one step then. The JDK has no other way to
 * hear of a signal than {@link Signal}.
 */
final class StopSignals implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final List<Signal> SIGNALS = List.of(new Signal("TERM"), new Signal("INT"));
    private static final int EXIT_OF_SIGNALS = 128;
    private static final long TWICE = TimeUnit.SECONDS.toNanos(5);

    private final Runnable stop;
    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Signal> received = new AtomicReference<>();
    private volatile long first;

    /** @param stop called on a thread of the JVM's own */
    StopSignals(Runnable stop) {
        this.stop = stop;
        try {
            SIGNALS.forEach(signal -> before.put(signal, Signal.handle(signal, this::received)));
        } catch (IllegalArgumentException e) {
            LOG.warn("{}: a signal ends the process at once, without a checkpoint; leave out -Xrs", e.getMessage());
        }
    }

    private void received(Signal signal) {
        if (received.compareAndSet(null, signal)) {
            first = System.nanoTime();
            if (!Launched.isSo()) {
                close();
            }
            LOG.warn("SIG{}: stops after this step, with a checkpoint; a second signal ends at once", signal.getName());
            stop.run();
        } else if (System.nanoTime() - first > TWICE) {
            close();
            Signal.raise(signal);
        }
    }

    /** The exit status of a process that ended on the signal, 128 and its number; 0 if none came. */
    int status() {
        var signal = received.get();
        return signal == null ? 0 : EXIT_OF_SIGNALS + signal.getNumber();
    }

    /** Gives the signals back to the JVM. */
    @Override
    public void close() {
        before.forEach(Signal::handle);
    }
}
