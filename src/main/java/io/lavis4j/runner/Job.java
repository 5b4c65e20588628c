package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
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
import io.lavis4j.tensor.Trace;
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
import org.bytedeco.pytorch.AutoGradMode;
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
    private final Processes processes;
    private final StopRequest stop = new StopRequest();

    private Job(
            JobConfig config, Device device, RunData data, LoadedModel<?> loaded, Start start, Processes processes) {
        this.config = config;
        this.device = device;
        this.data = data;
        this.loaded = loaded;
        this.start = start;
        this.processes = processes;
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
        return open(config, weights, Processes.alone());
    }

    /**
     * The same in one of several processes, each of which has a seed and a share of the data.
     *
     * @param processes closed by whoever joined them, after the job
     */
    public static Job open(JobConfig config, @Nullable Path weights, Processes processes) {
        if (config.run().evaluate()) {
            config.splitsToEvaluate();
            return open(config, weights, null, processes);
        }
        return open(config, weights, Resumption.inNewDirectory(config), processes);
    }

    /** Opens a job for a run that goes on in its own directory. */
    public static Job resume(JobConfig config, Resumption resumption) {
        return resume(config, resumption, Processes.alone());
    }

    /** The same in one of several processes. */
    public static Job resume(JobConfig config, Resumption resumption, Processes processes) {
        return open(config, null, resumption, processes);
    }

    private static Job open(
            JobConfig config, @Nullable Path weights, @Nullable Resumption resumption, Processes processes) {
        var device = device(config, processes);
        var share = new Share(processes.rank(), processes.world());
        config.warn();
        requireOneProcess(config, processes);
        config.task().requireFiles();
        var data = JobData.read(config, share);
        var start = resumption == null
                ? Start.NEW
                : resumption.start(RunPlan.of(config.run(), data.batchesPerEpoch()), config.run(), share);
        var loaded = model(config, device, weights, processes, !config.run().evaluate());
        try {
            return new Job(config, device, data.loaders(device, preparation(loaded.model())), loaded, start, processes);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    private static void requireOneProcess(JobConfig config, Processes processes) {
        if (config.run().optimization().inBackward() && processes.world() > 1) {
            throw new ConfigException(List.of(
                    "run.optimizer_in_backward must be False, as %d processes join their gradients after backward, got true"
                            .formatted(processes.world())));
        }
    }

    /** Opens a job for its model alone, without its data sets. */
    public static Job withoutData(JobConfig config) {
        return withoutData(config, null);
    }

    /** The same with the weights of a run's checkpoint, as {@link #open(JobConfig, Path)} takes them. */
    public static Job withoutData(JobConfig config, @Nullable Path weights) {
        var alone = Processes.alone();
        var device = device(config, alone);
        var loaded = model(config, device, weights, alone, false);
        return new Job(config, device, new RunData(null, Map.of()), loaded, Start.NEW, alone);
    }

    /** Texts are prepared while images are loaded, where the model learns any. */
    private static @Nullable Function<Texts, Prepared> preparation(BaseModel model) {
        return model instanceof TrainableModel trainable ? trainable::prepare : null;
    }

    private static Device device(JobConfig config, Processes processes) {
        try {
            var device = Devices.of(processes.device(config.run().device()));
            LOG.info("Device {}; matrix products on CPU: {}", device.str().getString(), Libtorch.blas());
            return device;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("run.device: " + e.getMessage()));
        }
    }

    /** @param trained otherwise all parameters, not the frozen ones alone, stay in the mapped files */
    private static LoadedModel<?> model(
            JobConfig config, Device device, @Nullable Path weights, Processes processes, boolean trained) {
        Determinism.require(config.run().deterministic());
        RandomState.seed(config.run().seed() + processes.rank());
        var over = weights == null && config.run().evaluate() ? config.run().checkpointToResume() : weights;
        try (var gradients = new AutoGradMode(trained)) {
            var loaded = new ModelLoader(WeightFiles.in(List.of())).load(config.model(), device, over);
            Trace.name(loaded.model().module().namedParameters());
            return loaded;
        }
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
            try (var lock = processes.isFirst() ? RunLock.take(directory) : null) {
                if (own != null && processes.isFirst()) {
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

    /** A new directory below {@code run.output_dir}, with the configuration in it; the first process makes it. */
    public RunDirectory newDirectory() {
        byte[] path = processes.isFirst() ? path(makeDirectory()) : new byte[0];
        return new RunDirectory(Path.of(new String(processes.gather(path).get(0), UTF_8)));
    }

    private static byte[] path(RunDirectory directory) {
        return directory.path().toString().getBytes(UTF_8);
    }

    private RunDirectory makeDirectory() {
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
        return new RunnerBase(config.run(), config.task(), model(), data, listener, config.source(), stop, processes);
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
