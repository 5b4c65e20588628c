package io.lavis4j.runner;

import io.lavis4j.io.JsonLines;
import io.lavis4j.tensorboard.EventFile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a run for programs, in its directory: {@code metrics.jsonl}, an object for each reading of the losses
 * and for each evaluation, and the same numbers in {@code tensorboard/}. LAVIS has no such files.
 *
 * <pre>
 * {"step": 50, "epoch": 0, "iteration": 50, "time": "2026-01-01T00:00:00.250Z", "loss": 4.2, "lr": 1e-5, ...}
 * {"step": 500, "label": "0", "time": "2026-01-01T00:04:10.500Z", "split": "val", "scores": {"CIDEr": 0.42, ...}}
 * </pre>
 */
final class Metrics implements AutoCloseable {

    /** The label of an evaluation with the best weights. */
    static final String BEST = "best";

    private static final String STEP = "step";
    private static final String SPLIT = "split";

    private final @Nullable JsonLines lines;
    private final @Nullable EventFile events;

    private Metrics(@Nullable JsonLines lines, @Nullable EventFile events) {
        this.lines = lines;
        this.events = events;
    }

    /**
     * Where training stands.
     *
     * @param step updates of the parameters since the run began, with the one under way
     * @param epoch of the data, from 0
     * @param iteration batches of the epoch
     */
    record Place(long step, int epoch, int iteration) {}

    /**
     * The metrics of a run that begins or goes on; what an earlier process wrote of later steps is cut off.
     *
     * @param step updates that the run has already taken
     * @param evaluations after this step that are done, and stay
     * @param tensorboard whether there are event files, too
     */
    static Metrics after(long step, int evaluations, RunDirectory run, boolean tensorboard) {
        var lines = new JsonLines(run.metrics());
        var last = new AtomicInteger();
        lines.keepWhile(line -> {
            long at = line.path(STEP).asLong(Long.MAX_VALUE);
            return at < step || (at == step && (!line.has(SPLIT) || last.incrementAndGet() <= evaluations));
        });
        var events = tensorboard ? EventFile.create(run.tensorboard(), Instant.now(), step + 1) : null;
        return new Metrics(lines, events);
    }

    /** The metrics of a process that writes none, as another does. */
    static Metrics ofAnother() {
        return new Metrics(null, null);
    }

    /**
     * Writes what was measured since the last reading.
     *
     * @param figures by name
     */
    void training(Place at, Map<String, ? extends Number> figures) {
        var now = Instant.now();
        var line = new LinkedHashMap<String, Object>();
        line.put(STEP, at.step());
        line.put("epoch", at.epoch());
        line.put("iteration", at.iteration());
        line.put("time", text(now));
        line.putAll(figures);
        write(line);
        scalars(now, at.step(), "train", figures);
    }

    /**
     * Writes the scores of a split.
     *
     * @param step updates taken so far
     * @param label epoch in the names of the result files
     */
    void evaluation(long step, String label, String split, Map<String, Double> scores) {
        var now = Instant.now();
        var line = new LinkedHashMap<String, Object>();
        line.put(STEP, step);
        line.put("label", label);
        line.put("time", text(now));
        line.put(SPLIT, split);
        line.put("scores", scores);
        write(line);
        scalars(now, step, label.equals(BEST) ? split + "_best" : split, scores);
    }

    private void write(Map<String, ?> line) {
        if (lines != null) {
            lines.append(line);
        }
    }

    private void scalars(Instant now, long step, String group, Map<String, ? extends Number> values) {
        if (events != null) {
            var named = new LinkedHashMap<String, Number>();
            values.forEach((name, value) -> named.put(group + "/" + name, value));
            events.scalars(now, step, named);
        }
    }

    private static String text(Instant now) {
        return now.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
