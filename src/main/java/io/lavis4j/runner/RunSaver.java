package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.RunPlan.Unit;
import io.lavis4j.tensor.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a run's checkpoints in their time and removes those that have had theirs; of several processes the first does.
 * A checkpoint is removed only when a later one is whole on the disk.
 */
final class RunSaver {

    private static final Logger LOG = LoggerFactory.getLogger(RunSaver.class);

    private final RunConfig config;
    private final RunPlan plan;
    private final RunCheckpoint checkpoint;
    private final RunLog log;
    private final Configuration settings;
    private final boolean writes;
    private long written = System.nanoTime();

    /** @param settings the whole configuration, as checkpoints keep it */
    RunSaver(RunConfig config, RunPlan plan, RunCheckpoint checkpoint, RunLog log, Configuration settings) {
        this.config = config;
        this.plan = plan;
        this.checkpoint = checkpoint;
        this.log = log;
        this.settings = settings;
        writes = checkpoint.processes().isFirst();
    }

    private RunDirectory directory() {
        return log.directory();
    }

    /** Saves a whole segment. */
    void segment(RunState state) {
        write(file(state.at().segment()), state);
    }

    /** Whether a checkpoint between two segments' is due after so many updates. */
    boolean isDue(Position at) {
        int everySteps = config.stepCheckpoints().everySteps();
        return everySteps > 0 && plan.updates(at) % everySteps == 0;
    }

    /** Whether one is due after so long a time, on the clock of the process that writes. */
    boolean isLate() {
        long minutes = Math.round(
                config.stepCheckpoints().everyMinutes() * Duration.ofMinutes(1).toNanos());
        return writes && minutes > 0 && System.nanoTime() - written >= minutes;
    }

    /** Saves a part of a segment. */
    void step(RunState state) {
        var file = directory().stepCheckpoint(plan.updates(state.at()));
        write(file, state);
        dropSteps(state.at(), file);
    }

    private void write(Path file, RunState state) {
        try (var span = Trace.span("checkpoint")) {
            checkpoint.write(file, state, plan, log.lengths(), settings.tree());
        }
        written = System.nanoTime();
    }

    /** Removes what the checkpoint of a whole segment, which is on disk, makes superfluous. */
    void dropOlder(Position end) {
        dropSteps(end, file(end.segment()));
        int before = end.segment() - 1;
        if (before >= 0 && !stays(before)) {
            delete(file(before));
        }
    }

    /**
     * One that was made for a stop alone goes with the next, so that a run that goes on has the files of a whole one.
     */
    private void dropSteps(Position at, Path written) {
        long now = plan.updates(at);
        var before = directory().stepCheckpoints().stream()
                .filter(file -> RunDirectory.updates(file) <= now)
                .toList();
        before.stream()
                .filter(this::wasDue)
                .skip(config.stepCheckpoints().keep())
                .forEach(this::delete);
        before.stream().filter(file -> !wasDue(file) && !file.equals(written)).forEach(this::delete);
    }

    /** Whether a checkpoint may be one of those that are written in their time; by the clock any may. */
    private boolean wasDue(Path stepCheckpoint) {
        var when = config.stepCheckpoints();
        return when.everyMinutes() > 0
                || (when.everySteps() > 0 && RunDirectory.updates(stepCheckpoint) % when.everySteps() == 0);
    }

    private boolean stays(int segment) {
        int saveFreq = config.frequencies().saveFreq();
        return plan.unit() == Unit.ITERS || (saveFreq > 0 && segment % saveFreq == 0);
    }

    /** The checkpoint of a whole segment. */
    Path file(int segment) {
        return directory().checkpoint(plan.number(segment));
    }

    /** Makes the checkpoint of a segment the best so far. */
    void best(int segment) {
        if (writes) {
            AtomicFile.copy(file(segment), directory().best());
        }
        LOG.info(
                "{} is the best so far, {}",
                file(segment).getFileName(),
                directory().best());
    }

    /**
     * Sees to it that the best checkpoint is that of a state: it may be in another directory, not be copied yet, or be
     * of a later segment than the run goes back to; where none was best yet there is none.
     *
     * @param resumed the checkpoint that the run goes on from
     */
    void takeBest(Path resumed, RunState state) {
        long number = state.best().number();
        if (number < 0) {
            delete(directory().best());
            return;
        }
        if (!writes || isOf(directory().best(), number)) {
            return;
        }
        var before = RunDirectory.of(resumed);
        for (var file : List.of(resumed, before.best(), before.checkpoint(number))) {
            if (isOf(file, number)) {
                AtomicFile.copy(file, directory().best());
                return;
            }
        }
        LOG.warn(
                "The best checkpoint so far, of {} {}, is no longer beside {}",
                plan.unit().key(),
                number,
                resumed);
    }

    private boolean isOf(Path file, long number) {
        return Files.isRegularFile(file)
                && SavedRun.ifReadable(file)
                        .filter(saved -> saved.progress() == plan.iterationsAt(number))
                        .isPresent();
    }

    /** Says that the run is finished, and removes the checkpoint of its last segment where that is not to stay. */
    void end(int segment) {
        if (!writes) {
            return;
        }
        var last = Map.of(plan.unit().key(), plan.number(segment));
        AtomicFile.write(directory().finished(), JsonText.of(last) + "\n");
        if (!config.frequencies().saveLast() && !stays(segment)) {
            delete(file(segment));
        }
    }

    private void delete(Path file) {
        try {
            if (writes) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be deleted (%s); the run can go on with train --resume %s"
                            .formatted(
                                    file.toAbsolutePath(),
                                    e,
                                    file.toAbsolutePath().getParent()),
                    e);
        }
    }
}
