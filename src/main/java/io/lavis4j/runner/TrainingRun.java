package io.lavis4j.runner;

import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.TrainLoop.Figures;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.RandomState;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The course of one run in its directory: segments, each saved, logged and validated, then the test. */
final class TrainingRun {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final RunnerBase runner;
    private final RunConfig config;
    private final RunPlan plan;
    private final RunDirectory directory;
    private final RunLog log;
    private final RunSaver saver;
    private final TrainLoop loop;

    TrainingRun(RunnerBase runner, RunPlan plan, RunDirectory directory) {
        this.runner = runner;
        this.config = runner.config();
        this.plan = plan;
        this.directory = directory;
        log = new RunLog(directory);
        saver = new RunSaver(config, plan, runner.checkpoint(), log, runner.settings());
        loop = runner.loop(plan);
    }

    /** @return scores of the test splits by split */
    Map<String, Map<String, Double>> from(Start start) {
        var state = start.state();
        try (var batches = new TrainingBatches(runner.data().training(), plan.iterations(state.at()), plan.total())) {
            var saved = start.saved();
            if (saved != null) {
                saver.takeBest(saved.file(), state);
            }
            if (start.validated()) {
                saver.dropOlder(state.at());
            } else {
                state = segment(state, batches);
            }
            while (!isOver(state)) {
                state = segment(state.next(), batches);
            }
        }
        return end(state);
    }

    /** Trains what is left of a segment, saves it, and only then logs and validates it. */
    private RunState segment(RunState before, TrainingBatches batches) {
        int segment = before.at().segment();
        var state = before;
        if (!plan.isComplete(before.at())) {
            var figures = train(before, batches);
            state = before.trained(new Position(segment, plan.batches(segment)), figures);
            saver.segment(state);
        } else if (!Files.exists(saver.file(segment))) {
            saver.segment(state); // it was trained in another directory
        }
        saver.dropOlder(state.at());
        stopIfAsked();
        log.epoch(state.figures().stats().named(plan.unit().key(), plan.number(segment)));
        if (config.isValidated(segment)) {
            state = validate(state);
            if (state.best().number() == plan.number(segment)) {
                saver.best(segment);
            }
        }
        return state;
    }

    private Figures train(RunState before, TrainingBatches batches) {
        try {
            return loop.segment(before.at(), before.figures(), batches, (at, figures) -> between(before, at, figures));
        } catch (RuntimeException e) {
            throw runner.outOfMemory().inTraining(e);
        }
    }

    /** A place inside a segment where the run can be saved. */
    private void between(RunState before, Position at, Supplier<Figures> figures) {
        boolean stop = runner.stop().isMade();
        if (stop || saver.isDue(at)) {
            saver.step(before.trained(at, figures.get()));
        }
        if (stop) {
            throw new RunStopped(directory);
        }
    }

    private void stopIfAsked() {
        if (runner.stop().isMade()) {
            throw new RunStopped(directory);
        }
    }

    /** Validates a segment that is on disk; the first split decides whether it is the best. */
    private RunState validate(RunState before) {
        int segment = before.at().segment();
        var after = before;
        try (var random = RandomState.capture(runner.model().module().device())) {
            boolean first = true;
            for (String split : config.splits().valid()) {
                var scores = runner.evaluate(directory, split, plan.label(segment));
                if (first) {
                    after = before.validated(scores.getOrDefault(Task.AGG_METRICS, 0.0), plan.number(segment));
                    first = false;
                }
                var stats = new LinkedHashMap<String, Object>();
                scores.forEach((name, value) -> stats.put(split + "_" + name, value));
                stats.put(
                        "%s_best_%s".formatted(split, plan.unit().key()),
                        after.best().number());
                log.epoch(stats);
            }
            random.restore();
        }
        return after;
    }

    private boolean isOver(RunState state) {
        var patience = config.length().earlyStopPatience();
        if (patience != null && state.best().since() >= patience) {
            LOG.info(
                    "Early stop after {} {}: {} validations without a better {} than {}",
                    plan.unit().key(),
                    plan.number(state.at().segment()),
                    state.best().since(),
                    Task.AGG_METRICS,
                    state.best().score());
            return true;
        }
        return plan.isEnd(state.at());
    }

    /** The last scores: of the test splits, by the best checkpoint where validation chose one. */
    private Map<String, Map<String, Double>> end(RunState state) {
        int segment = state.at().segment();
        var scores = test(segment);
        saver.end(segment);
        return scores;
    }

    private Map<String, Map<String, Double>> test(int segment) {
        var splits = config.splits().test();
        if (splits.isEmpty()) {
            return new LinkedHashMap<>();
        }
        if (!config.splits().valid().isEmpty() && Files.isRegularFile(directory.best())) {
            RunCheckpoint.loadWeights(directory.best(), runner.model().module());
            return runner.evaluate(directory, splits, "best");
        }
        return runner.evaluate(directory, splits, plan.label(segment));
    }
}
