package io.lavis4j.tensor;

import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that parts of a program take on each of its threads, in a file that Perfetto and {@code chrome://tracing}
 * open. While none is open, a span costs one look at a field.
 *
 * <p>Spans of layers and of the modules around them follow from the order in which {@link LayerOutputs} come: a layer
 * begins where the one before it on its thread has ended, so what is computed between two layers counts for the second.
 * On a GPU they are the times of the host, which does not wait for its kernels.
 */
public final class Trace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Trace.class);
    private static final AtomicReference<@Nullable Trace> OPEN = new AtomicReference<>();
    private static final Span NONE = () -> {};
    private static final int MOST = 1_000_000;
    private static final double NANOS_PER_MICRO = 1000;

    private final Path file;
    private final Steps steps;
    private final long start = System.nanoTime();
    private final Queue<Map<String, Object>> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger room = new AtomicInteger(MOST);
    private final AtomicLong step = new AtomicLong();
    private final Map<Tensor, String> layers = Collections.synchronizedMap(new IdentityHashMap<>());
    private final Map<Long, Modules> modules = new ConcurrentHashMap<>();
    private final Map<Long, String> threads = new ConcurrentHashMap<>();
    private final Thread atExit = new Thread(this::writeAtExit, "writes the trace");

    /** Part of a trace, which ends when this is closed. */
    @FunctionalInterface
    public interface Span extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * The steps whose spans are kept.
     *
     * @param first counted from 1; 0 keeps what comes before the first step, too
     * @param last the last of them
     */
    public record Steps(long first, long last) {

        /** Everything. */
        public static final Steps ALL = new Steps(0, Long.MAX_VALUE);

        private boolean has(long step) {
            return first <= step && step <= last;
        }
    }

    /** A module whose layers are being computed. */
    private record Module(String name, long begin) {}

    /** The modules of one thread, outermost first, and the end of its last layer. */
    private static final class Modules {
        private final Deque<Module> open = new ArrayDeque<>();
        private long end = System.nanoTime();
    }

    private Trace(Path file, Steps steps) {
        this.file = file;
        this.steps = steps;
    }

    /**
     * Begins the trace of this process, which is written when it is closed, and also if the process is ended before.
     *
     * @param file compressed if its name ends with {@code .gz}
     * @throws IllegalStateException if there is one already
     */
    public static Trace open(Path file, Steps steps) {
        var trace = new Trace(file, steps);
        if (!OPEN.compareAndSet(null, trace)) {
            throw new IllegalStateException("expected one trace at a time, and another is open");
        }
        Runtime.getRuntime().addShutdownHook(trace.atExit);
        return trace;
    }

    /** Gives the layers of a model their names, for the trace that is open, if one is. */
    public static void name(Map<String, Tensor> parameters) {
        var trace = OPEN.get();
        if (trace != null) {
            parameters.forEach((name, tensor) ->
                    trace.layers.putIfAbsent(tensor, name.substring(0, Math.max(0, name.lastIndexOf('.')))));
        }
    }

    /** A step begins. */
    public static void step() {
        var trace = OPEN.get();
        if (trace != null) {
            trace.step.incrementAndGet();
        }
    }

    /** A part begins on this thread, and ends there when the result is closed. */
    public static Span span(String name) {
        var trace = OPEN.get();
        return trace == null || !trace.isKept() ? NONE : trace.begin(name);
    }

    /** A layer has been computed on this thread. */
    static void layer(Tensor weight) {
        var trace = OPEN.get();
        if (trace != null && trace.isKept()) {
            trace.end(trace.layers.getOrDefault(weight, ""));
        }
    }

    private boolean isKept() {
        return steps.has(step.get()) && room.get() > 0;
    }

    private Modules ofThread() {
        return modules.computeIfAbsent(Thread.currentThread().getId(), id -> new Modules());
    }

    private Span begin(String name) {
        long begin = System.nanoTime();
        cut(ofThread(), "", begin);
        ofThread().end = begin;
        return () -> {
            long end = System.nanoTime();
            cut(ofThread(), "", end);
            ofThread().end = end;
            add(name, "part", begin, end);
        };
    }

    private void end(String layer) {
        var thread = ofThread();
        long begin = thread.end, end = System.nanoTime();
        cut(thread, layer, begin);
        for (int dot = layer.indexOf('.'); dot >= 0; dot = layer.indexOf('.', dot + 1)) {
            String name = layer.substring(0, dot);
            if (thread.open.stream().noneMatch(module -> module.name.equals(name))) {
                thread.open.addLast(new Module(name, begin));
            }
        }
        if (!layer.isEmpty()) {
            add(layer, "layer", begin, end);
        }
        thread.end = end;
    }

    /** Ends the modules that a layer is not in. */
    private void cut(Modules thread, String layer, long at) {
        while (!thread.open.isEmpty() && !layer.startsWith(thread.open.getLast().name + ".")) {
            var module = thread.open.removeLast();
            add(module.name, "module", module.begin, Math.min(at, thread.end));
        }
    }

    private void add(String name, String category, long begin, long end) {
        if (room.getAndDecrement() <= 0) {
            return;
        }
        var thread = Thread.currentThread();
        threads.putIfAbsent(thread.getId(), thread.getName());
        events.add(Map.of(
                "ph",
                "X",
                "name",
                name,
                "cat",
                category,
                "pid",
                1,
                "tid",
                thread.getId(),
                "ts",
                micros(begin - start),
                "dur",
                micros(end - begin)));
    }

    private static double micros(long nanos) {
        return nanos / NANOS_PER_MICRO;
    }

    /** Ends the trace and writes it, replacing the file in one step. */
    @Override
    public void close() {
        if (OPEN.compareAndSet(this, null)) {
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException e) {
                return; // it is at work
            }
            AtomicFile.write(file, out -> write(Channels.newOutputStream(out)));
            if (events.isEmpty() && steps.first() > 0) {
                LOG.warn(
                        "{} has no spans: steps {} to {} were asked for, and there were {}",
                        file,
                        steps.first(),
                        steps.last(),
                        step);
            }
        }
    }

    /** Files can no longer be replaced in one step now. */
    private void writeAtExit() {
        try (var out = Files.newOutputStream(file)) {
            write(out);
        } catch (IOException | UncheckedIOException e) {
            LOG.error("{} cannot be written ({})", file, e.toString());
        }
    }

    private void write(OutputStream file) throws IOException {
        var out = this.file.toString().endsWith(".gz") ? new GZIPOutputStream(file) : file;
        var text = new StringBuilder("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
        for (var thread : threads.entrySet()) {
            text.append(JsonText.of(Map.of(
                            "ph",
                            "M",
                            "name",
                            "thread_name",
                            "pid",
                            1,
                            "tid",
                            thread.getKey(),
                            "args",
                            Map.of("name", thread.getValue()))))
                    .append(",\n");
        }
        for (var event : events) {
            text.append(JsonText.of(event)).append(",\n");
            if (text.length() > 1 << 16) {
                out.write(text.toString().getBytes(StandardCharsets.UTF_8));
                text.setLength(0);
            }
        }
        text.append(JsonText.of(Map.of("ph", "M", "name", "process_name", "pid", 1, "args", Map.of("name", "lavis4j"))))
                .append("\n]}\n");
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        if (out instanceof GZIPOutputStream compressed) {
            compressed.finish();
        }
        out.flush();
    }
}
