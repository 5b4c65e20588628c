package io.lavis4j.runner;

import io.lavis4j.dataset.DataLoader;
import io.lavis4j.model.CaptioningModel;
import io.lavis4j.runner.RunCheckpoint.Best;
import io.lavis4j.runner.RunCheckpoint.State;
import io.lavis4j.task.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LAVIS's runner by epochs: train, validate, keep the best, save, log; in the end test with the best checkpoint.
 *
 * <p>Differences from LAVIS: it runs on a CPU and without a process group; the best checkpoint is that of the first
 * validation split, whatever its name; a checkpoint without frozen parameters can be resumed, and the run goes on with the
 * best score and the random numbers that were; where no checkpoint was best, the final test takes the last.
 */
public final class RunnerBase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerBase.class);
    private static final String TRAIN = "train";

    private final RunConfig config;
    private final Task task;
    private final CaptioningModel model;
    private final Map<String, DataLoader> loaders;
    private final RunDirectory directory;
    private final RunListener listener;
    private final Map<String, Object> settings;
    private final RunLog log;
    private final @Nullable GradScaler scaler;
    private final AdamW optimizer;
    private final RunCheckpoint checkpoint;

    /**
     * A run that is about to start.
     *
     * @param model on its device; stays the caller's
     * @param loaders by split; stay the caller's
     * @param settings the whole configuration, as checkpoints keep it
     */
    public RunnerBase(
            RunConfig config,
            Task task,
            CaptioningModel model,
            Map<String, DataLoader> loaders,
            RunDirectory directory,
            RunListener listener,
            Map<String, Object> settings) {
        this.config = config;
        this.task = task;
        this.model = model;
        this.loaders = Map.copyOf(loaders);
        this.directory = directory;
        this.listener = listener;
        this.settings = settings;
        log = new RunLog(directory);
        scaler = usesAmp(config, model.module().device()) ? new GradScaler(model.module().device()) : null;
        optimizer = new AdamW(
                ParameterGroup.of(
                        model.module(), model.visualEncoder(), config.weightDecay(), config.lrLayerDecay()),
                config.initLr(),
                config.beta2());
        checkpoint = new RunCheckpoint(model.module(), optimizer, scaler);
    }

    private static boolean usesAmp(RunConfig config, Device device) {
        if (config.amp() && device.is_cpu()) {
            LOG.warn("run.amp is on, but a CPU has no mixed precision here: training in the precision of the weights");
        }
        return config.amp() && device.is_cuda();
    }

    /**
     * Trains from the first epoch or from {@code resume_ckpt_path}, then tests.
     *
     * @return scores of the test splits by split
     */
    public Map<String, Map<String, Double>> train() {
        log.config(settingsJson);
        var state = config.resumeCkptPath() == null ? start() : resume(Path.of(config.resumeCkptPath()));
        var trainLoader = trainLoader();
        LOG.info("{} parameters are trained", trainedParameters());
        var loop = new TrainLoop(
                model,
                task,
                optimizer,
                scaler,
                config.schedule(),
                config.accumGradIters(),
                config.gradNormClip(),
                config.logFreq(),
                listener);
        for (int epoch = state.epoch() + 1; epoch < config.maxEpoch(); epoch++) {
            logTraining(epoch, loop.epoch(epoch, trainLoader));
            state = validate(new State(epoch, state.best()));
            save(state);
        }
        return test(state);
    }
