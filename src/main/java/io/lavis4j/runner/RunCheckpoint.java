package io.lavis4j.runner;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.nn.Module;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.tensor.RandomState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a run in a file: LAVIS's {@code model} (without frozen parameters), {@code optimizer}, {@code config},
 * {@code scaler} and {@code epoch}, and under {@code lavis4j} what a run needs to go on bit for bit: the best score so
 * far and the states of the random generators.
 *
 * @param model whose trained parameters are kept
 * @param optimizer over these
 * @param scaler {@code null} without mixed precision
 */
record RunCheckpoint(
        Module model, AdamW optimizer, @Nullable GradScaler scaler) {

    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoint.class);
    private static final String OURS = "lavis4j";

    /**
     * Where a run stands.
     *
     * @param epoch last finished epoch, from 0; -1 before the first
     * @param best the best score so far and its epoch
     * @param validated whether {@code best} knows of a validation after this epoch, or none was due
     */
    record State(int epoch, Best best, boolean validated) {

        static final State NEW = new State(-1, Best.NONE, true);

        /** The state after the validation that was due. */
        State validated(double score) {
            return new State(epoch, score > best.score() ? new Best(score, epoch) : best, true);
        }

        /** Whether no epoch before was better. */
        boolean isBest() {
            return best.epoch() == epoch;
        }
    }

    /**
     * The best validation so far.
     *
     * @param score {@code agg_metrics}; 0 before the first, as a score must be above it to be best
     * @param epoch -1 before the first
     */
    record Best(double score, int epoch) {

        static final Best NONE = new Best(0, -1);
    }

    /** Replaces {@code file} in one step. */
    void write(Path file, State state, Map<String, Object> config) {
        try (var scope = new PointerScope();
                var random = RandomState.capture(model.device())) {
            var ours = new LinkedHashMap<String, Object>();
            ours.put("best_score", state.best().score());
            ours.put("best_epoch", (long) state.best().epoch());
            ours.put("validated", state.validated());
            ours.put("random", new ArrayList<Object>(random.states()));

            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("model", model.trainableStateDict());
            tree.put("optimizer", optimizer.stateDict());
            tree.put("config", config);
            tree.put("scaler", scaler == null ? null : scaler.stateDict());
            tree.put("epoch", (long) state.epoch());
            tree.put(OURS, ours);
            Checkpoints.write(file, tree);
        }
        LOG.info("Saved checkpoint at epoch {} to {}", state.epoch(), file);
    }

    /**
     * Goes back to a file's state.
     *
     * @param validSplits splits that are validated
     * @throws IllegalArgumentException if it belongs to another model or another kind of run
     */
    State read(Path file, List<String> validSplits) {
        try (var scope = new PointerScope()) {
            Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
            requireRun(file, tree);
            var tensors = tensors(file, tree);
            try {
                model.load(tensors).requireComplete(file.toString());
                optimizer.loadStateDict(Checkpoints.get(tree, Map.class, "optimizer"));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "%s is of another run than this configuration's: %s; go on with the config.yaml beside it"
                                .formatted(file, e.getMessage()),
                        e);
            }
            if (scaler != null && tree.get("scaler") instanceof Map<?, ?> saved) {
                scaler.loadStateDict(saved);
            }
            if (tree.get(OURS) instanceof Map<?, ?> ours) {
                RandomState.restore(model.device(), states(ours));
            } else {
                LOG.warn("{} was written by LAVIS: random numbers and the best score so far start anew", file);
            }
            return state(file, tree, validSplits);
        }
    }

    /**
     * The state in a file, which is not loaded.
     *
     * @param validSplits splits that are validated
     * @throws IllegalArgumentException if it is not of a run
     */
    static State state(Path file, List<String> validSplits) {
        try (var scope = new PointerScope()) {
            Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
            requireRun(file, tree);
            return state(file, tree, validSplits);
        }
    }

    /** What a validation found that came after the checkpoint was written is in the log beside it. */
    private static State state(Path file, Map<?, ?> tree, List<String> validSplits) {
        int epoch = Checkpoints.get(tree, Long.class, "epoch").intValue();
        if (!(tree.get(OURS) instanceof Map<?, ?> ours)) {
            return new State(epoch, Best.NONE, true);
        }
        double score = Checkpoints.get(ours, Double.class, "best_score");
        var best =
                new Best(score, Checkpoints.get(ours, Long.class, "best_epoch").intValue());
        var state = new State(epoch, best, validSplits.isEmpty() || !Boolean.FALSE.equals(ours.get("validated")));
        var found =
                state.validated() ? null : RunLog.score(RunDirectory.of(file).log(), epoch, validSplits);
        return found == null ? state : state.validated(found);
    }

    /** Takes the weights of a checkpoint alone; frozen ones may be missing from it. */
    static void loadWeights(Path file, Module into) {
        try (var scope = new PointerScope()) {
            into.load(Checkpoints.stateDict(file)).requireComplete(file.toString());
        }
        LOG.info("Weights of {}", file);
    }

    /** The epoch of a checkpoint. */
    static int epoch(Path file) {
        try (var scope = new PointerScope()) {
            return Checkpoints.get(Checkpoints.read(file), Long.class, "epoch").intValue();
        }
    }

    private static void requireRun(Path file, Map<?, ?> tree) {
        for (String key : List.of("model", "optimizer", "epoch")) {
            if (tree.get(key) == null) {
                throw new IllegalArgumentException(
                        "%s: expected the checkpoint of a run with model, optimizer and epoch, got %s; to start from its"
                                        .formatted(file, tree.keySet())
                                + " weights set model.pretrained instead of run.resume_ckpt_path");
            }
        }
    }

    private static Map<String, Tensor> tensors(Path file, Map<?, ?> tree) {
        var tensors = new LinkedHashMap<String, Tensor>();
        Map<?, ?> model = Checkpoints.get(tree, Map.class, "model");
        model.forEach((name, value) -> {
            if (!(name instanceof String key) || !(value instanceof Tensor tensor)) {
                throw new IllegalArgumentException(
                        "%s: expected tensors under model, got %s at %s".formatted(file, value, name));
            }
            tensors.put(key, tensor);
        });
        return tensors;
    }

    private static List<Tensor> states(Map<?, ?> ours) {
        List<?> states = Checkpoints.get(ours, List.class, "random");
        return states.stream().map(Tensor.class::cast).toList();
    }
}
