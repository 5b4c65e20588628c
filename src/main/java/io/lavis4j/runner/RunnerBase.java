package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.distributed.Processes;
import io.lavis4j.distributed.SameStart;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.task.RunListener;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LAVIS's runners by epochs and by iterations, RunnerBase and RunnerIter: train, validate, keep the best, save, log; in
 * the end test with the best checkpoint.
 *
 * <p>Differences from LAVIS: it runs on a CPU, and one process needs no group; the best checkpoint is that of the first
 * validation split, whatever its name; an epoch is on disk before it is validated, and validation draws none of
 * training's random numbers; a checkpoint is written between two updates too and goes on bit for bit, also one without
 * frozen parameters; the checkpoint of the last whole epoch stays until the next one's is on disk; where no checkpoint
 * was best, the final test takes the last. By iterations the run ends exactly at {@code max_iters}, goes on at the
 * iteration after the last one that was saved, where LAVIS leaves one out, and its final test is that by epochs.
 */
public final class RunnerBase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerBase.class);

    private final RunConfig config;
    private final Task task;
    private final BaseModel model;
    private final RunData data;
    private final RunListener listener;
    private final Configuration settings;
    private final StopRequest stop;
    private final Processes processes;
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
     * @param stop ends the run at its next safe point by {@link RunStopped}; in any process it ends all
     * @param processes that train together; all parameters become the first one's, and it alone writes
     */
    public RunnerBase(
            RunConfig config,
            Task task,
            BaseModel model,
            RunData data,
            RunListener listener,
            Configuration settings,
            StopRequest stop,
            Processes processes) {
        this.config = config;
        this.task = task;
        this.model = model;
        this.data = data;
        this.listener = listener;
        this.settings = settings;
        this.stop = stop;
        this.processes = processes;
        SameStart.of(processes, model.module().stateDict());
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
                config.optimization().beta2(),
                config.sharing().optimizer() ? processes : Processes.alone());
        checkpoint = new RunCheckpoint(model.module(), optimizer, scaler, data, processes);
    }

    /**
     * Trains from the first epoch, then tests; with {@code run.evaluate} it only evaluates.
     *
     * @param directory a new one
     * @return scores of the test splits by split
     * @throws RunStopped if it was asked to stop
     * @throws IllegalStateException if {@code resume_ckpt_path} says that the run goes on, which {@link Job#train} does
     */
    public Map<String, Map<String, Double>> train(RunDirectory directory) {
        if (!config.evaluate() && config.resumeCkptPath() != null) {
            throw new IllegalStateException("run.resume_ckpt_path is %s, and this runner begins anew; call Job.train"
                    .formatted(config.resumeCkptPath()));
        }
        return train(directory, Start.NEW);
    }

    /** The same from a place to which {@link #restore} has brought the model. */
    Map<String, Map<String, Double>> train(RunDirectory directory, Start start) {
        var log = new RunLog(directory, processes.isFirst());
        if (start.logs() == null) {
            log.config(settings.json());
        } else {
            log.cutBack(start.logs());
        }
        if (config.evaluate()) {
            var found = evaluate(directory, config.splits().valid(), "0");
            found.putAll(evaluate(directory, config.splits().test(), "0"));
            return found;
        }
        LOG.info("{} parameters are trained", trainedParameters());
        var plan = RunPlan.of(config, data.training().batchesPerEpoch());
        try (var features = FeatureCache.open(config, model, amp, data, processes);
                var step = trainStep();
                var run = new TrainingRun(this, plan, directory, step, start)) {
            return run.toItsEnd();
        }
    }

    /**
     * Brings the model, the optimizer and the random numbers to a place; nothing is written.
     *
     * @throws IllegalArgumentException if its checkpoint is of another model
     */
    void restore(Start start) {
        if (start.saved() != null) {
            checkpoint.restore(start.saved().file());
            var versions = Versions.now();
            if (start.saved().ours() != null && !start.saved().versions().equals(versions)) {
                LOG.warn(
                        "{} was written by {} and goes on with {}: numbers may differ in their last digits",
                        start.saved().file(),
                        start.saved().versions(),
                        versions);
            }
            LOG.info(
                    "Goes on from {}, {} done",
                    start.saved().file(),
                    start.saved().done());
        }
    }

    private TrainStep trainStep() {
        return new TrainStep(
                new TrainStep.Parts(model.as(TrainableModel.class), task, optimizer, amp, scaler),
                config.optimization(),
                processes);
    }

    TrainLoop loop(RunPlan plan, TrainStep step, TrainLoop.Readings readings) {
        return new TrainLoop(
                step,
                config.optimization().schedule(),
                plan,
                config.frequencies().logFreq(),
                listener,
                readings);
    }

    private long trainedParameters() {
        return model.module().trainableParameters().values().stream()
                .mapToLong(Tensor::numel)
                .sum();
    }

    RunConfig config() {
        return config;
    }

    BaseModel model() {
        return model;
    }

    RunData data() {
        return data;
    }

    Configuration settings() {
        return settings;
    }

    Processes processes() {
        return processes;
    }

    StopRequest stop() {
        return stop;
    }

    OutOfMemory outOfMemory() {
        return outOfMemory;
    }

    RunCheckpoint checkpoint() {
        return checkpoint;
    }

    /**
     * Evaluates splits with the weights that the model has.
     *
     * @param directory whose result files are written and whose log goes on
     * @param label epoch in the names of the result files: {@code val_epoch<label>.json}
     * @return scores by split
     */
    public Map<String, Map<String, Double>> evaluate(RunDirectory directory, List<String> splits, String label) {
        var all = new LinkedHashMap<String, Map<String, Double>>();
        splits.forEach(split -> all.put(split, evaluate(directory, split, label)));
        return all;
    }

    Map<String, Double> evaluate(RunDirectory directory, String split, String label) {
        var evaluation = new SplitEvaluation(
                task, model, processes, config.sharing().evaluation(), config.seed(), stop, listener);
        try {
            var scores = evaluation.of(split, data.evaluation(split), directory, "%s_epoch%s".formatted(split, label));
            new RunLog(directory, processes.isFirst()).evaluation(split, scores);
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
