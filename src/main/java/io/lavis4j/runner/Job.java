package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Determinism;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.zoo.LoadedModel;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration put together: device, data, model, task. The command line is this class with arguments.
 *
 * <p>Seeds are set when a job is opened, so the same configuration gives the same numbers.
 */
public final class Job implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Job.class);

    private final JobConfig config;
    private final Device device;
    private final RunData data;
    private final LoadedModel<?> loaded;
    private final Start start;
    private final StopRequest stop = new StopRequest();

    private Job(JobConfig config, Device device, RunData data, LoadedModel<?> loaded, Start start) {
        this.config = config;
        this.device = device;
        this.data = data;
        this.loaded = loaded;
        this.start = start;
    }

    /**
     * Opens a job for training and evaluation.
     *
     * @throws ConfigException if there is no such device, no split to evaluate, or the run to go on with has all its
     *     epochs
     */
    public static Job open(JobConfig config) {
        return open(config, null);
    }

    /**
     * The same with the weights of a run's checkpoint.
     *
     * @param weights {@code null} for the configured ones: those of {@code model} and, in evaluation, of
     *     {@code run.resume_ckpt_path}, which LAVIS leaves out there
     */
    public static Job open(JobConfig config, @Nullable Path weights) {
        if (config.run().evaluate()) {
            config.splitsToEvaluate();
            return open(config, weights, null);
        }
        return open(config, weights, Resumption.inNewDirectory(config));
    }

    /** Opens a job for a run that goes on in its own directory. */
    public static Job resume(JobConfig config, Resumption resumption) {
        return open(config, null, resumption);
    }

    private static Job open(JobConfig config, @Nullable Path weights, @Nullable Resumption resumption) {
        var device = device(config);
        config.warn();
        config.task().requireFiles();
        var data = JobData.read(config);
        var start = resumption == null
                ? Start.NEW
                : resumption.start(RunPlan.of(config.run(), data.batchesPerEpoch()), config.run());
        var loaded = model(config, device, weights);
        try {
            return new Job(config, device, data.loaders(device, preparation(loaded.model())), loaded, start);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** Opens a job for its model alone, without its data sets. */
    public static Job withoutData(JobConfig config) {
        return withoutData(config, null);
    }

    /** The same with the weights of a run's checkpoint, as {@link #open(JobConfig, Path)} takes them. */
    public static Job withoutData(JobConfig config, @Nullable Path weights) {
        var device = device(config);
        return new Job(config, device, new RunData(null, Map.of()), model(config, device, weights), Start.NEW);
    }

    /** Texts are prepared while images are loaded, where the model learns any. */
    private static @Nullable Function<Texts, Prepared> preparation(BaseModel model) {
        return model instanceof TrainableModel trainable ? trainable::prepare : null;
    }

    private static Device device(JobConfig config) {
        try {
            var device = Devices.of(config.run().device());
            LOG.info("Device {}; matrix products on CPU: {}", device.str().getString(), Libtorch.blas());
            return device;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("run.device: " + e.getMessage()));
        }
    }

    private static LoadedModel<?> model(JobConfig config, Device device, @Nullable Path weights) {
        Determinism.require(config.run().deterministic());
        RandomState.seed(config.run().seed());
        var over = weights == null && config.run().evaluate() ? config.run().checkpointToResume() : weights;
        return new ModelLoader(WeightFiles.in(List.of())).load(config.model(), device, over);
    }

    /**
     * Trains in a new directory below {@code run.output_dir}, or in that of the run that goes on.
     *
     * @return the directory
     * @throws RunStopped after {@link #requestStop}
     * @throws IllegalArgumentException if the checkpoint to go on from is of another model; nothing is written then
     * @throws IllegalStateException if another process is writing the run
     */
    public RunDirectory train(RunListener listener) {
        try (var runner = runner(listener)) {
            runner.restore(start);
            var own = start.directory();
            var directory = own == null ? newDirectory() : own;
            try (var lock = RunLock.take(directory)) {
                if (own != null) {
                    goOn(directory);
                }
                runner.train(directory, start);
            }
            return directory;
        }
    }

    /** Has training end at its next safe point, with a checkpoint on disk; from any thread. */
    public void requestStop() {
        stop.make();
    }

    /** A new directory below {@code run.output_dir}, with the configuration in it. */
    public RunDirectory newDirectory() {
        var directory = RunDirectory.create(config.run().outputDir(), LocalDateTime.now(ZoneId.systemDefault()));
        AtomicFile.write(directory.config(), config.source().yaml());
        LOG.info("Run directory {}", directory.path().toAbsolutePath());
        return directory;
    }

    /** The directory of a run that goes on, whose length may be another now. */
    private void goOn(RunDirectory directory) {
        directory.sweep();
        try {
            Files.deleteIfExists(directory.finished());
        } catch (IOException e) {
            throw new UncheckedIOException(directory.finished() + " cannot be deleted (" + e + ")", e);
        }
        AtomicFile.write(directory.config(), config.source().yaml());
        LOG.info("Goes on in run directory {}", directory.path().toAbsolutePath());
    }

    /** A runner over this job's model and data; closed before the job is. */
    public RunnerBase runner(RunListener listener) {
        return new RunnerBase(config.run(), config.task(), model(), data, listener, config.source(), stop);
    }

    /** Takes the weights of a checkpoint of this model; frozen ones may be missing from it. */
    public void loadWeights(Path file) {
        RunCheckpoint.loadWeights(file, model().module());
    }

    /** The model, in train mode; {@link BaseModel#as} gives its abilities. */
    public BaseModel model() {
        return loaded.model();
    }

    /** The device that everything is on. */
    public Device device() {
        return device;
    }

    @Override
    public void close() {
        data.close();
        loaded.close();
    }
}
