package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.distributed.Processes;
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

    private Job(JobConfig config, Device device, RunData data, LoadedModel<?> loaded) {
        this.config = config;
        this.device = device;
        this.data = data;
        this.loaded = loaded;
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
     * The same in one of several processes, which have one seed each.
     *
     * @param processes closed by whoever joined them, after the job
     */
    public static Job open(JobConfig config, @Nullable Path weights, Processes processes) {
        var device = device(config, processes);
        if (config.run().evaluate()) {
            config.splitsToEvaluate();
        } else {
            requireEpochsLeft(config.run());
        }
        config.warn();
        config.task().requireFiles();
        var data = JobData.read(config);
        var loaded = model(config, device, weights, processes);
        try {
            return new Job(config, device, data.loaders(device, preparation(loaded.model())), loaded);
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
        var alone = Processes.alone();
        var device = device(config, alone);
        return new Job(config, device, new RunData(null, Map.of()), model(config, device, weights, alone));
    }

    private static void requireEpochsLeft(RunConfig run) {
        var resumed = resumed(run);
        if (resumed == null) {
            return;
        }
        RunDirectory.of(resumed).sweep();
        var state = RunCheckpoint.state(resumed, run.splits().valid());
        int next = state.epoch() + 1;
        boolean onlyToValidate = next == run.maxEpoch() && !state.validated();
        if (next >= run.maxEpoch() && !onlyToValidate) {
            throw new ConfigException(List.of(
                    "run.resume_ckpt_path: nothing is left to train: %s has the epochs 0 to %d, and run.max_epoch is %d; raise run.max_epoch above %d to go on, or evaluate the run"
                            .formatted(resumed, state.epoch(), run.maxEpoch(), next)));
        }
    }

    /** The checkpoint of {@code run.resume_ckpt_path}, which is there; {@code null} for none. */
    private static @Nullable Path resumed(RunConfig run) {
        var file = run.resumed();
        if (file != null && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "run.resume_ckpt_path is %s, and there is no such file; expected a checkpoint of a run, as RUN/checkpoint_2.pth"
                            .formatted(file));
        }
        return file;
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

    private static LoadedModel<?> model(JobConfig config, Device device, @Nullable Path weights, Processes processes) {
        Determinism.require(config.run().deterministic());
        RandomState.seed(config.run().seed() + processes.rank());
        var over = weights == null && config.run().evaluate() ? resumed(config.run()) : weights;
        return new ModelLoader(WeightFiles.in(List.of())).load(config.model(), device, over);
    }

    /**
     * Trains in a new directory below {@code run.output_dir}.
     *
     * @return the directory
     */
    public RunDirectory train(RunListener listener) {
        var directory = newDirectory();
        try (var runner = runner(directory, listener)) {
            runner.train();
        }
        return directory;
    }

    /** A new directory below {@code run.output_dir}, with the configuration in it. */
    public RunDirectory newDirectory() {
        var directory = RunDirectory.create(config.run().outputDir(), LocalDateTime.now(ZoneId.systemDefault()));
        try {
            Files.writeString(directory.config(), config.source().yaml());
        } catch (IOException e) {
            throw new UncheckedIOException(directory.config() + " cannot be written (" + e + ")", e);
        }
        LOG.info("Run directory {}", directory.path().toAbsolutePath());
        return directory;
    }

    /** A runner over this job's model and data; closed before the job is. */
    public RunnerBase runner(RunDirectory directory, RunListener listener) {
        return new RunnerBase(config.run(), config.task(), model(), data, directory, listener, config.source());
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
