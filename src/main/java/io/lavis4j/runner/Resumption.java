package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint that a run goes on from, held against the run's configuration; nothing is loaded or written yet.
 *
 * <p>A run goes on in its own directory, as if it had never been interrupted, and then nothing that changes its numbers
 * may differ; or, LAVIS's way, in a new one by {@code run.resume_ckpt_path}, where differences are warned of.
 */
public final class Resumption {

    private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

    private final SavedRun saved;
    private final ConfigDifferences differences;
    private final boolean inPlace;

    private Resumption(SavedRun saved, JobConfig config, boolean inPlace) {
        this.saved = saved;
        this.differences =
                ConfigDifferences.between(saved.config(), config.source().tree());
        this.inPlace = inPlace;
    }

    /** The checkpoint of {@code run.resume_ckpt_path}; {@code null} for none. */
    static @Nullable Resumption inNewDirectory(JobConfig config) {
        var file = config.run().checkpointToResume();
        if (file == null) {
            return null;
        }
        RunDirectory.of(file).sweep();
        var resumption = new Resumption(SavedRun.of(file), config, false);
        if (resumption.saved.ours() != null) { // LAVIS's settings have other keys
            resumption
                    .differencesInNumbers(config)
                    .forEach(difference -> LOG.warn("{} goes on with another configuration: {}", file, difference));
        }
        return resumption;
    }

    /**
     * A run that goes on in its directory.
     *
     * @param path a checkpoint, or the directory of a run, whose furthest checkpoint is taken
     * @throws ConfigException if anything that changes a number is configured otherwise
     * @throws UncheckedIOException if there is no checkpoint
     */
    public static Resumption inPlace(Path path, JobConfig config) {
        SavedRun saved;
        if (Files.isRegularFile(path)) {
            saved = SavedRun.of(path);
            requireLog(saved);
        } else {
            var directory = RunDirectory.open(path);
            saved = furthest(directory)
                    .orElseThrow(() -> new UncheckedIOException(
                            "%s has no checkpoint from which it could go on; start a new run, without --resume"
                                    .formatted(directory.path().toAbsolutePath()),
                            new FileNotFoundException(directory.path().toString())));
        }
        var resumption = new Resumption(saved, config, true);
        ConfigDifferences.require(
                saved.file().toString(),
                resumption.differencesInNumbers(config),
                "set it back, or go on in a new directory by run.resume_ckpt_path");
        return resumption;
    }

    /**
     * The newest run below {@code run.output_dir} that has the same configuration, a checkpoint, something left to do,
     * and no process that is doing it; {@code null} for none. Where {@code run.resume_ckpt_path} is set, it is one that
     * began from there.
     */
    public static @Nullable Resumption newest(JobConfig config) {
        return RunDirectory.allBelow(config.run().outputDir()).stream()
                .filter(run -> !isFinished(run, config))
                .flatMap(run -> furthest(run).stream())
                .map(saved -> new Resumption(saved, config, true))
                .filter(run -> run.differencesInNumbers(config).isEmpty() && run.differences.mayBeFromItsStart())
                .filter(run -> !RunLock.isTaken(RunDirectory.of(run.file())))
                .findFirst()
                .orElse(null);
    }

    /** The same in several processes: the run that the first finds. */
    public static @Nullable Resumption newest(JobConfig config, Processes processes) {
        var found = processes.isFirst() ? newest(config) : null;
        byte[] file = found == null ? new byte[0] : found.file().toString().getBytes(UTF_8);
        String agreed = new String(processes.gather(file).get(0), UTF_8);
        return processes.isFirst() ? found : agreed.isEmpty() ? null : inPlace(Path.of(agreed), config);
    }

    private List<String> differencesInNumbers(JobConfig config) {
        return differences.inNumbers(config.run().optimization().schedule());
    }

    /** Whether a run came to its end, and the configuration is its own, or differs in what changes no number. */
    public static boolean isFinished(RunDirectory directory, JobConfig config) {
        if (!Files.isRegularFile(directory.finished()) || !Files.isRegularFile(directory.config())) {
            return false;
        }
        var then = Configuration.load(directory.config().toString(), List.of(), name -> null);
        var differences = ConfigDifferences.between(then.tree(), config.source().tree());
        return differences.sameLength()
                && differences.inNumbers(config.run().optimization().schedule()).isEmpty();
    }

    /** The furthest checkpoint of a run that it can go on from in place. */
    private static Optional<SavedRun> furthest(RunDirectory directory) {
        return directory.newest(saved -> {
            var problem = problemWithLog(saved);
            if (problem != null) {
                LOG.warn("{} is passed over: {}", saved.file(), problem);
            }
            return problem == null;
        });
    }

    private static void requireLog(SavedRun saved) {
        var problem = problemWithLog(saved);
        if (problem != null) {
            throw new IllegalArgumentException(
                    "%s cannot go on in its directory: %s; go on in a new one by run.resume_ckpt_path=%1$s"
                            .formatted(saved.file(), problem));
        }
    }

    private static @Nullable String problemWithLog(SavedRun saved) {
        if (saved.ours() == null) {
            return "it has LAVIS's entries alone";
        }
        return new RunLog(RunDirectory.of(saved.file())).has(saved.logs())
                ? null
                : "the log.txt or evaluate.txt beside it has no line that ends where its last one did (byte %s)"
                        .formatted(saved.logs());
    }

    /** The checkpoint. */
    Path file() {
        return saved.file();
    }

    /**
     * Where training begins. A validation that is in the log beside the checkpoint is not repeated.
     *
     * @param processes of which this one goes on
     * @throws ConfigException if nothing is left to do, or the data of a run inside an epoch are others
     */
    Start start(RunPlan plan, RunConfig run, Share processes) {
        var state = saved.state(plan, processes);
        var at = state.at();
        boolean inside = at.batch() > 0 && !plan.isComplete(at);
        boolean whole = at.batch() > 0 && !inside;
        if (plan.iterations(at) > plan.total() || (plan.isEnd(at) && !whole)) {
            throw nothingLeft(plan);
        }
        ConfigDifferences.require(
                saved.file().toString(),
                inside && saved.ours() != null ? differences.inData() : List.of(),
                "inside an epoch the data stay the same; set it back, or go on from the checkpoint of a whole epoch");
        boolean due = whole && run.isValidated(at.segment());
        var found = due
                ? new RunLog(RunDirectory.of(saved.file()))
                        .validation(saved.logs(), run.splits().valid())
                : null;
        if (!inPlace && plan.isEnd(at) && due == (found != null)) {
            throw nothingLeft(plan);
        }
        if (found == null) {
            return new Start(state, false, saved, inPlace ? saved.logs() : null);
        }
        var validated = state.validated(found.score(), plan.number(at.segment()));
        return new Start(validated, true, saved, inPlace ? found.lengths() : null);
    }

    private ConfigException nothingLeft(RunPlan plan) {
        boolean epochs = plan.unit() == RunPlan.Unit.EPOCH;
        String key = epochs ? "run.max_epoch" : "run.max_iters";
        var length =
                new ArrayList<String>(List.of(key + " is " + differences.now().get(key)));
        var maxSteps = differences.now().get("run.max_steps");
        if (maxSteps != null) {
            length.add("run.max_steps is " + maxSteps);
        }
        return new ConfigException(List.of(
                "%s: nothing is left to train: %s has %s, and %s; raise %s above %d to go on, or evaluate the run"
                        .formatted(
                                inPlace ? "--resume" : "run.resume_ckpt_path",
                                saved.file(),
                                epochs ? "the epochs 0 to " + saved.number() : saved.number() + " iterations",
                                String.join(" and ", length),
                                key,
                                epochs ? saved.number() + 1 : saved.number())));
    }
}
