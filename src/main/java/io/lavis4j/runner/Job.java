package io.lavis4j.runner;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptioningModel;
import io.lavis4j.task.Captioner;
import io.lavis4j.task.CaptioningTask;
import io.lavis4j.task.SherlockScorer;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.zoo.Blip2OptLoader;
import io.lavis4j.zoo.LoadedBlip2Opt;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a configuration describes, put together: device, data, model, task. The command line is this class with
 * arguments.
 *
 * <p>Seeds are set when a job is opened, so the same configuration gives the same numbers.
 */
public final class Job implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Job.class);

    private final JobConfig config;
    private final Device device;
    private final RunData data;
    private final LoadedBlip2Opt loaded;

    private Job(JobConfig config, Device device, RunData data, LoadedBlip2Opt loaded) {
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
        config.warnOfPrompt();
        var data = JobData.read(config);
        var loaded = model(config, device);
        try {
            return new Job(config, device, data.loaders(device, loaded.model().textCollator()), loaded);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** Opens a job for captioning images, without its data set. */
    public static Job withoutData(JobConfig config) {
        var device = device(config);
        return new Job(config, device, new RunData(null, Map.of()), model(config, device));
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

    private static LoadedBlip2Opt model(JobConfig config, Device device) {
        RandomState.seed(config.run().seed());
        return new Blip2OptLoader(WeightFiles.in(List.of())).load(config.model(), device);
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
        return new RunnerBase(
                config.run(), new CaptioningTask(config.task()), model(), data, directory, listener, config.source());
    }

    /**
     * Captions image files as this job's evaluation does.
     *
     * @param change of the configured generation settings
     */
    public Captioner captioner(UnaryOperator<GenerationConfig> change) {
        return new Captioner(
                model(),
                config.processors().vis().eval(),
                change.apply(config.task().generation()));
    }

    /**
     * Scores instances of Sherlock's leaderboard with this job's model, its processors, mapper and regions.
     *
     * @param imageRoots folders of images; empty for those of the configuration
     * @param textsPerBatch that go through the language model at once
     */
    public SherlockScorer sherlockScorer(List<Path> imageRoots, int textsPerBatch) {
        var dataset = config.data().sherlock();
        return new SherlockScorer(
                loaded.model().scorer(textsPerBatch),
                loaded.model(),
                config.processors().vis().eval(),
                config.processors().text().trainOrEval(),
                new SherlockScorer.Input(dataset.mapper(), dataset.regionMode()),
                new SherlockPaths(imageRoots.isEmpty() ? dataset.imageRoots() : imageRoots));
    }

    /** Takes the weights of a checkpoint of this model; frozen ones may be missing from it. */
    public void loadWeights(Path file) {
        try (var scope = new PointerScope()) {
            model().module().load(Checkpoints.stateDict(file)).requireComplete(file.toString());
        }
        LOG.info("Weights of {}", file);
    }

    /** The model, in train mode. */
    public CaptioningModel model() {
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
