package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.task.RunListener;
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
     * @throws ConfigException if there is no such device
     */
    public static Job open(JobConfig config) {
        var device = device(config);
        config.warn();
        config.task().requireFiles();
        var data = JobData.read(config);
        var loaded = model(config, device);
        try {
            return new Job(config, device, data.loaders(device, preparation(loaded.model())), loaded);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** Opens a job for its model alone, without its data sets. */
    public static Job withoutData(JobConfig config) {
        var device = device(config);
        return new Job(config, device, new RunData(null, Map.of()), model(config, device));
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

    private static LoadedModel<?> model(JobConfig config, Device device) {
        RandomState.seed(config.run().seed());
        return new ModelLoader(WeightFiles.in(List.of())).load(config.model(), device);
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
