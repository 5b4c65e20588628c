package io.lavis4j.runner;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.RunPlan.Unit;
import io.lavis4j.runner.RunState.Best;
import io.lavis4j.runner.TrainLoop.Figures;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's checkpoint without its tensors.
 *
 * @param unit of {@code number}
 * @param number LAVIS's {@code epoch}, the last whole one, or {@code iters}, those that are done
 * @param config of the run
 * @param ours under {@value #OURS}, the rest of the state; {@code null} if LAVIS wrote the file
 */
record SavedRun(
        Path file,
        Unit unit,
        long number,
        Map<String, Object> config,
        @Nullable Map<String, Object> ours) {

    private static final Logger LOG = LoggerFactory.getLogger(SavedRun.class);

    /** Our key. */
    static final String OURS = "lavis4j";

    /** The states of the random generators, under {@link #OURS}. */
    static final String RANDOM = "random";

    /**
     * Reads it.
     *
     * @throws io.lavis4j.checkpoint.CheckpointException if there is no checkpoint, or it is damaged
     * @throws IllegalArgumentException if it is not of a run
     */
    static SavedRun of(Path file) {
        try (var scope = new PointerScope()) {
            Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
            for (String key : List.of("model", "optimizer")) {
                require(file, tree, tree.get(key) != null);
            }
            require(file, tree, tree.get("epoch") != null || tree.get("iters") != null);
            var unit = tree.get("epoch") == null ? Unit.ITERS : Unit.EPOCH;
            var ours = tree.get(OURS) instanceof Map<?, ?> map ? plain(map) : null;
            var config = tree.get("config") instanceof Map<?, ?> map ? plain(map) : Map.<String, Object>of();
            return new SavedRun(file, unit, Checkpoints.get(tree, Long.class, unit.key()), config, ours);
        }
    }

    /** The same of a file that may be damaged or something else, which is said in the log. */
    static Optional<SavedRun> ifReadable(Path file) {
        try {
            return Optional.of(of(file));
        } catch (UncheckedIOException | IllegalArgumentException e) {
            LOG.warn("{} is passed over: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private static void require(Path file, Map<?, ?> tree, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s: expected the checkpoint of a run with model, optimizer and epoch, got %s; to start from its"
                                    .formatted(file, tree.keySet())
                            + " weights set model.pretrained instead of run.resume_ckpt_path");
        }
    }

    /** The entries by text, without tensors. */
    private static Map<String, Object> plain(Map<?, ?> map) {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> {
            if (!RANDOM.equals(key)) {
                plain.put(String.valueOf(key), value);
            }
        });
        return plain;
    }

    /** What a checkpoint has of a state under {@link #OURS}, beside the random generators. */
    static Map<String, @Nullable Object> tree(RunState state, RunPlan plan, Map<String, Long> logs) {
        var losses = state.figures().losses();
        var parts = new LinkedHashMap<String, Object>();
        losses.parts().forEach((name, halves) -> parts.put(name, list(halves)));
        var ours = new LinkedHashMap<String, @Nullable Object>();
        ours.put("segment", state.at().segment());
        ours.put("batch", state.at().batch());
        ours.put("iterations", plan.iterations(state.at()));
        ours.put("updates", plan.updates(state.at()));
        ours.put("batches_per_epoch", plan.batchesPerEpoch());
        ours.put("rates", state.figures().rates());
        ours.put("loss_steps", losses.steps());
        ours.put("loss_window_steps", losses.windowSteps());
        ours.put("loss_total", list(losses.total()));
        ours.put("loss_parts", parts);
        ours.put("best_score", state.best().score());
        ours.put("best_number", state.best().number());
        ours.put("validations_since_best", state.best().since());
        ours.put("logs", new LinkedHashMap<>(logs));
        ours.put("versions", Versions.now());
        return ours;
    }

    private static List<Double> list(LossMeter.Halves halves) {
        return List.of(halves.read(), halves.window());
    }

    /**
     * The state in it; one of LAVIS's has the beginning of the segment that comes next.
     *
     * @throws IllegalArgumentException if it is of another runner or of other data than the plan
     */
    RunState state(RunPlan plan) {
        if (unit != plan.unit()) {
            throw new IllegalArgumentException("%s has %s, so it is of %s, and run.runner is %s"
                    .formatted(file, unit.key(), unit.runner(), plan.unit().runner()));
        }
        if (ours == null) {
            return new RunState(plan.after(number), Figures.NONE, Best.NONE);
        }
        long batches = whole("batches_per_epoch");
        if (batches != plan.batchesPerEpoch()) {
            throw new IllegalArgumentException(
                    "%s was written when an epoch of the data had %d batches, and now it has %d; go on with the data and the batch size of then"
                            .formatted(file, batches, plan.batchesPerEpoch()));
        }
        var parts = new LinkedHashMap<String, LossMeter.Halves>();
        Map<?, ?> savedParts = Checkpoints.get(ours, Map.class, "loss_parts");
        savedParts.forEach((name, part) -> parts.put(String.valueOf(name), halves("loss_parts", name)));
        var losses = new LossMeter.Sums(
                whole("loss_steps"), Math.toIntExact(whole("loss_window_steps")), halves("loss_total"), parts);
        return new RunState(
                new Position(Math.toIntExact(whole("segment")), Math.toIntExact(whole("batch"))),
                new Figures(losses, number("rates")),
                new Best(number("best_score"), whole("best_number"), Math.toIntExact(whole("validations_since_best"))));
    }

    /** Iterations that are done; of LAVIS's files only the order means anything. */
    long progress() {
        return ours == null ? number : whole("iterations");
    }

    /** The lengths that the files of the log had, bytes, by name; empty if LAVIS wrote the checkpoint. */
    Map<String, Long> logs() {
        var logs = new LinkedHashMap<String, Long>();
        if (ours != null) {
            Map<?, ?> saved = Checkpoints.get(ours, Map.class, "logs");
            saved.forEach((name, length) -> logs.put(String.valueOf(name), (Long) length));
        }
        return logs;
    }

    /** What wrote it; empty if that was LAVIS. */
    Map<?, ?> versions() {
        return ours == null ? Map.of() : Checkpoints.get(ours, Map.class, "versions");
    }

    private long whole(String key) {
        return Checkpoints.get(ours, Long.class, key);
    }

    private double number(String key) {
        return Checkpoints.get(ours, Double.class, key);
    }

    private LossMeter.Halves halves(Object... keys) {
        List<?> both = Checkpoints.get(ours, List.class, keys);
        return new LossMeter.Halves(Checkpoints.get(both, Double.class, 0), Checkpoints.get(both, Double.class, 1));
    }
}
