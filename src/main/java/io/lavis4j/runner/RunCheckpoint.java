package io.lavis4j.runner;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.distributed.Processes;
import io.lavis4j.nn.Module;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.tensor.RandomState;
import java.nio.file.Path;
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
 * {@code scaler} and {@code epoch} or {@code iters}, and under {@code lavis4j} what a run needs to go on bit for bit:
 * its {@link RunState}, the states of the random generators and the lengths of its log.
 *
 * <p>It is written where all gradients have been taken into the parameters, so it holds none. Several processes write
 * one file, which has the random generators and unread losses of each.
 *
 * @param model whose trained parameters are kept
 * @param optimizer over these
 * @param scaler {@code null} without mixed precision
 * @param data whose broken samples are counted
 * @param processes of which the first writes
 */
record RunCheckpoint(
        Module model, AdamW optimizer, @Nullable GradScaler scaler, RunData data, Processes processes) {

    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoint.class);

    /**
     * Replaces {@code file} in one step; called in all processes, none of which goes on before that is done, as whoever
     * ended would have launch end the one that writes.
     *
     * @param logs lengths of the log's files, bytes
     */
    void write(Path file, RunState state, RunPlan plan, Map<String, Long> logs, Map<String, Object> config) {
        long saved = plan.saved(state.at());
        try (var scope = new PointerScope();
                var random = RandomState.capture(model.device())) {
            var own = SavedRun.ofProcesses(
                    processes,
                    state.figures().losses(),
                    random.states(),
                    data.training().tallies());
            var optimizerState = optimizer.stateDict();
            if (!processes.isFirst()) {
                processes.barrier();
                return;
            }
            var ours = SavedRun.tree(state, plan, logs);
            ours.put(SavedRun.PROCESSES, own);

            var tree = new LinkedHashMap<String, @Nullable Object>();
            tree.put("model", model.trainableStateDict());
            tree.put("optimizer", optimizerState);
            tree.put("config", config);
            tree.put("scaler", scaler == null ? null : scaler.stateDict());
            tree.put(plan.unit().key(), saved);
            tree.put(SavedRun.OURS, ours);
            Checkpoints.write(file, tree);
            processes.barrier();
        }
        LOG.info("Saved checkpoint after {} updates to {}", plan.updates(state.at()), file);
    }

    /**
     * Goes back to a file's tensors, random numbers and count of broken samples.
     *
     * @throws IllegalArgumentException if it belongs to another model or another kind of run
     */
    void restore(Path file) {
        try (var scope = new PointerScope()) {
            Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
            var tensors = tensors(file, tree);
            try {
                model.load(tensors).requireComplete(file.toString());
                optimizer.loadStateDict(Checkpoints.get(tree, Map.class, "optimizer"));
                if (scaler != null && tree.get("scaler") instanceof Map<?, ?> saved) {
                    scaler.loadStateDict(saved);
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "%s is of another run than this configuration's: %s; go on with the config.yaml beside it"
                                .formatted(file, e.getMessage()),
                        e);
            }
            var ours = SavedRun.ours(tree);
            if (ours == null) {
                LOG.warn("{} has LAVIS's entries alone: random numbers and the best score so far start anew", file);
                return;
            }
            var saved = Checkpoints.get(ours, List.class, SavedRun.PROCESSES);
            if (saved.size() == processes.world()) {
                Map<?, ?> own = Checkpoints.get(saved, Map.class, processes.rank());
                RandomState.restore(model.device(), list(own, SavedRun.RANDOM, Tensor.class));
                data.training().countOn(list(own, SavedRun.BROKEN, byte[].class));
            } else {
                LOG.warn(
                        "{} was written by {} processes, and now there are {}: random numbers and the count of broken samples start anew",
                        file,
                        saved.size(),
                        processes.world());
            }
        }
    }

    /** Takes the weights of a checkpoint alone; frozen ones may be missing from it. */
    static void loadWeights(Path file, Module into) {
        try (var scope = new PointerScope()) {
            into.load(Checkpoints.stateDict(file)).requireComplete(file.toString());
        }
        LOG.info("Weights of {}", file);
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

    private static <T> List<T> list(Map<?, ?> ours, String key, Class<T> type) {
        List<?> values = Checkpoints.get(ours, List.class, key);
        return values.stream().map(type::cast).toList();
    }
}
