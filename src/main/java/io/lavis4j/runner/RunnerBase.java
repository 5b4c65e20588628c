package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LAVIS's runners by epochs and by iterations, RunnerBase and RunnerIter: train, validate, keep the best, save, log; in
 * the end test with the best checkpoint.
 *
 * <p>Differences from LAVIS: it runs on a CPU and without a process group; the best checkpoint is that of the first
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
     * @param stop ends the run at its next safe point by {@link RunStopped}
     */
    public RunnerBase(
            RunConfig config,
            Task task,
            BaseModel model,
            RunData data,
            RunListener listener,
            Configuration settings,
            StopRequest stop) {
        this.config = config;
        this.task = task;
        this.model = model;
        this.data = data;
        this.listener = listener;
        this.settings = settings;
        this.stop = stop;
        var device = model.module().device();
        outOfMemory = new OutOfMemory(settings, device.is_cuda());
        amp = config.optimization().amp() ? mixedPrecision(model, device) : Precision.FP32;
        scaler = amp == Precision.FP16 ? new GradScaler(device) : null;
        optimizer = new AdamW(
                ParameterGroup.of(
                        model.module(),
                        model.visualEncoder(),
                        config.optimization().weightDecay(),
                        config.optimization().lrLayerDecay()),
                config.optimization().schedule().initLr(),
                config.optimization().beta2());
        checkpoint = new RunCheckpoint(model.module(), optimizer, scaler, data);
    }

    /** Mixed precision of a run with {@code run.amp}: the model's on a GPU, on a CPU none, which is fp32. */
    static Precision mixedPrecision(BaseModel model, Device device) {
        var precision = model instanceof TrainableModel trainable ? trainable.precision() : Precision.FP32;
        if (device.is_cpu()) {
            LOG.warn("run.amp is on, but a CPU has no mixed precision here: training in the precision of the weights");
            return Precision.FP32;
        }
        if (precision == Precision.FP32) {
            LOG.warn("run.amp is on, but the model is one of fp32: training in it");
        }
        return precision;
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
        var log = new RunLog(directory);
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
        return new TrainingRun(this, plan, directory).from(start);
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
            if (!start.saved().versions().equals(versions)) {
                LOG.warn(
                        "{} was written by {} and goes on with {}: numbers may differ in their last digits",
                        start.saved().file(),
                        start.saved().versions(),
                        versions);
            }
            LOG.info(
                    "Goes on from {}, {} iterations done",
                    start.saved().file(),
                    start.saved().progress());
        }
    }

    TrainLoop loop(RunPlan plan) {
        var optimization = config.optimization();
        return new TrainLoop(
                new TrainStep(
                        model.as(TrainableModel.class),
                        task,
                        optimizer,
                        amp,
                        scaler,
                        optimization.accumGradIters(),
                        optimization.gradNormClip()),
                optimization.schedule(),
                plan,
                config.frequencies().logFreq(),
                listener);
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
        var loader = data.evaluation(split);
        model.module().eval();
        var clock = new PassTimer("Evaluation: " + split, loader.batchesPerEpoch(), listener);
        try (var noGrad = new NoGradGuard();
                var batches = loader.epoch(0)) {
            var evaluation = task.evaluate(model);
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                if (stop.isMade()) {
                    throw new RunStopped(directory);
                }
                clock.startStep();
                try (var batch = batches.next()) {
                    clock.dataReady();
                    evaluation.step(batch);
                }
                clock.endStep(Double.NaN);
            }
            clock.end();
            var scores = evaluation.finish(directory.result(), "%s_epoch%s".formatted(split, label));
            new RunLog(directory).evaluation(split, scores);
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
