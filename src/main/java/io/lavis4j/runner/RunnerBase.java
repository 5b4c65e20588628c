package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.distributed.Processes;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.runner.RunCheckpoint.State;
import io.lavis4j.task.RunListener;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LAVIS's runner by epochs: train, validate, keep the best, save, log; in the end test with the best checkpoint.
 *
 * <p>Differences from LAVIS: it runs on a CPU and without a process group; the best checkpoint is that of the first
 * validation split, whatever its name; an epoch is on disk before it is validated, and validation draws none of
 * training's random numbers; a checkpoint without frozen parameters can be resumed, and the run goes on with the best
 * score and the random numbers that were; where no checkpoint was best, the final test takes the last.
 */
public final class RunnerBase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerBase.class);

    private final RunConfig config;
    private final Task task;
    private final BaseModel model;
    private final RunData data;
    private final RunDirectory directory;
    private final RunListener listener;
    private final Configuration settings;
    private final RunLog log;
    private final OutOfMemory outOfMemory;
    private final Precision amp;
    private final @Nullable GradScaler scaler;
    private final AdamW optimizer;
    private final RunCheckpoint checkpoint;

    /**
     * A run that is about to start.
     *
     * @param model on its device; stays the caller's
     * @param data stays the caller's
     * @param settings the whole configuration, as checkpoints keep it
     */
    public RunnerBase(
            RunConfig config,
            Task task,
            BaseModel model,
            RunData data,
            RunDirectory directory,
            RunListener listener,
            Configuration settings) {
        this.config = config;
        this.task = task;
        this.model = model;
        this.data = data;
        this.directory = directory;
        this.listener = listener;
        this.settings = settings;
        log = new RunLog(directory);
        var device = model.module().device();
        outOfMemory = new OutOfMemory(settings, device.is_cuda());
        amp = config.optimization().amp().of(model, device);
        scaler = amp == Precision.FP16 ? new GradScaler(device) : null;
        optimizer = new AdamW(
                ParameterGroup.of(
                        model.module(),
                        model.visualEncoder(),
                        config.optimization().weightDecay(),
                        config.optimization().lrLayerDecay()),
                config.optimization().schedule().initLr(),
                config.optimization().beta2());
        checkpoint = new RunCheckpoint(model.module(), optimizer, scaler);
    }

    /**
     * Trains from the first epoch or from {@code resume_ckpt_path}, then tests; with {@code run.evaluate} it only
     * evaluates.
     *
     * @return scores of the test splits by split
     */
    public Map<String, Map<String, Double>> train() {
        if (config.evaluate()) {
            log.config(settings.json());
            var found = evaluate(config.splits().valid(), "0");
            found.putAll(evaluate(config.splits().test(), "0"));
            return found;
        }
        var resumed = config.resumed();
        var before = resumed == null
                ? State.NEW
                : checkpoint.read(resumed, config.splits().valid());
        log.config(settings.json()); // only now: a run that cannot go on is not a run
        var state = resumed == null ? before : resume(resumed, before);
        LOG.info("{} parameters are trained", trainedParameters());
        try (var step = trainStep()) {
            var loop = new TrainLoop(
                    step,
                    config.optimization().schedule(),
                    config.frequencies().logFreq(),
                    listener);
            for (int epoch = state.epoch() + 1; epoch < config.maxEpoch(); epoch++) {
                var stats = epoch(loop, epoch);
                state = new State(epoch, state.best(), !isValidated(epoch));
                checkpoint.write(directory.checkpoint(epoch), state, settings.tree());
                log.epoch(stats.named(epoch));
                if (!state.validated()) {
                    state = validate(state);
                }
            }
        }
        return test(state);
    }

    private TrainLoop.Stats epoch(TrainLoop loop, int epoch) {
        try {
            return loop.epoch(epoch, data.training());
        } catch (RuntimeException e) {
            throw outOfMemory.inTraining(e);
        }
    }

    private TrainStep trainStep() {
        return new TrainStep(
                new TrainStep.Parts(model.as(TrainableModel.class), task, optimizer, amp, scaler),
                config.optimization(),
                Processes.alone());
    }

    private long trainedParameters() {
        return model.module().trainableParameters().values().stream()
                .mapToLong(Tensor::numel)
                .sum();
    }

    /** Goes on from the state that a file has: with the validation that is missing, and the best checkpoint so far. */
    private State resume(Path file, State read) {
        var state = read;
        LOG.info("Resumed from {}, next is epoch {}", file, state.epoch() + 1);
        if (!state.validated()) {
            LOG.info("Epoch {} was not validated to the end and is so now", state.epoch());
            AtomicFile.copy(file, directory.checkpoint(state.epoch()));
            state = validate(state);
        }
        if (state.best().epoch() >= 0 && !Files.exists(directory.best())) {
            keepBest(file, state.best().epoch());
        }
        return state;
    }

    /** Copies the best checkpoint so far, that which is resumed or one beside it, if it is still there. */
    private void keepBest(Path resumed, int bestEpoch) {
        var before = RunDirectory.of(resumed);
        for (var file : List.of(resumed, before.best(), before.checkpoint(bestEpoch))) {
            if (Files.isRegularFile(file) && RunCheckpoint.epoch(file) == bestEpoch) {
                AtomicFile.copy(file, directory.best());
                return;
            }
        }
        LOG.warn("The best checkpoint so far, of epoch {}, is no longer beside {}", bestEpoch, resumed);
    }

    private boolean isValidated(int epoch) {
        return !config.splits().valid().isEmpty()
                && epoch % config.frequencies().valFreq() == 0;
    }

    /** Validates an epoch that is on disk; the first split decides whether it is the best. */
    private State validate(State before) {
        var after = before;
        try (var random = RandomState.capture(model.module().device())) {
            for (String split : config.splits().valid()) {
                var scores = evaluate(split, String.valueOf(before.epoch()));
                if (!after.validated()) {
                    after = before.validated(scores.getOrDefault(Task.AGG_METRICS, 0.0));
                }
                var stats = new LinkedHashMap<String, Object>();
                scores.forEach((name, value) -> stats.put(split + "_" + name, value));
                stats.put(split + "_best_epoch", after.best().epoch());
                log.epoch(stats);
            }
            random.restore();
        }
        settle(after);
        return after;
    }

    /**
     * Gives the checkpoint of a validated epoch its place: it is the best, one of those that are kept, both or neither.
     */
    private void settle(State state) {
        var frequencies = config.frequencies();
        boolean due = frequencies.saveFreq() > 0 && state.epoch() % frequencies.saveFreq() == 0;
        boolean last = frequencies.saveLast() && state.epoch() == config.maxEpoch() - 1;
        var file = directory.checkpoint(state.epoch());
        try {
            if (state.isBest() && (due || last)) {
                AtomicFile.copy(file, directory.best());
            } else if (state.isBest()) {
                Files.move(file, directory.best(), StandardCopyOption.ATOMIC_MOVE);
            } else if (!due && !last) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be moved or deleted (%s); the run can go on from it by run.resume_ckpt_path"
                            .formatted(file.toAbsolutePath(), e),
                    e);
        }
        if (state.isBest()) {
            LOG.info("Epoch {} is the best so far, {}", state.epoch(), directory.best());
        }
    }

    /** The last scores: of the test splits, by the best checkpoint where validation chose one. */
    private Map<String, Map<String, Double>> test(State state) {
        var splits = config.splits().test();
        if (splits.isEmpty()) {
            return new LinkedHashMap<>();
        }
        if (!config.splits().valid().isEmpty() && Files.isRegularFile(directory.best())) {
            RunCheckpoint.loadWeights(directory.best(), model.module());
            return evaluate(splits, "best");
        }
        return evaluate(splits, String.valueOf(state.epoch()));
    }

    /**
     * Evaluates splits with the weights that the model has.
     *
     * @param label epoch in the names of the result files: {@code val_epoch<label>.json}
     * @return scores by split
     */
    public Map<String, Map<String, Double>> evaluate(List<String> splits, String label) {
        var all = new LinkedHashMap<String, Map<String, Double>>();
        splits.forEach(split -> all.put(split, evaluate(split, label)));
        return all;
    }

    private Map<String, Double> evaluate(String split, String label) {
        var evaluation = new SplitEvaluation(task, model, Processes.alone(), true, config.seed(), listener);
        try {
            var scores = evaluation.of(
                    split, data.evaluation(split), directory.result(), "%s_epoch%s".formatted(split, label));
            log.evaluation(split, scores);
            return scores;
        } catch (RuntimeException e) {
            throw outOfMemory.inEvaluation(e);
        }
    }

    /** Frees the optimizer's state; model and loaders are the caller's. */
    @Override
    public void close() {
        optimizer.close();
        if (scaler != null) {
            scaler.close();
        }
    }
}
