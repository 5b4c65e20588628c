package io.lavis4j.runner;

import io.lavis4j.distributed.Processes;
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

/**
 * The course of one run in its directory: segments, each saved, logged and validated, then the test. Several processes
 * go through it together: what depends on a file, a clock or a signal they agree upon.
 */
final class TrainingRun implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    /** A process is asked to stop. */
    private static final int STOP = 1;

    /** A checkpoint is due by the clock. */
    private static final int SAVE = 2;

    private final RunnerBase runner;
    private final Processes processes;
    private final RunConfig config;
    private final RunPlan plan;
    private final RunDirectory directory;
    private final RunLog log;
    private final RunSaver saver;
    private final Metrics metrics;
    private final TrainLoop loop;
    private final Start start;

    /**
     * A run that begins or goes on.
     *
     * @param step stays the caller's
     */
    TrainingRun(RunnerBase runner, RunPlan plan, RunDirectory directory, TrainStep step, Start start) {
        this.runner = runner;
        processes = runner.processes();
        this.config = runner.config();
        this.plan = plan;
        this.directory = directory;
        this.start = start;
        log = new RunLog(directory, processes.isFirst());
        saver = new RunSaver(config, plan, runner.checkpoint(), log, runner.settings());
        metrics = processes.isFirst() ? metrics() : Metrics.ofAnother();
        loop = runner.loop(plan, step, metrics::training);
    }

    private Metrics metrics() {
        return Metrics.after(
                plan.updates(start.state().at()),
                start.validated() ? config.splits().valid().size() : 0,
                directory,
                config.frequencies().tensorboard());
    }

    /** @return scores of the test splits by split */
    Map<String, Map<String, Double>> toItsEnd() {
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
        } else if (!processes.isSoInFirst(Files.exists(saver.file(segment)))) {
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
            return loop.segment(before.at(), before.figures(), batches, new Between(before));
        } catch (RuntimeException e) {
            throw runner.outOfMemory().inTraining(e);
        }
    }

    /** The places inside a segment where the run can be saved. */
    private final class Between implements TrainLoop.SafePoint {

        private final RunState before;

        Between(RunState before) {
            this.before = before;
        }

        @Override
        public int signals() {
            return (runner.stop().isMade() ? STOP : 0) | (saver.isLate() ? SAVE : 0);
        }

        @Override
        public void at(Position at, int raised, Supplier<Figures> figures) {
            int agreed = processes.world() == 1 ? signals() : raised; // alone, what came since counts at once
            boolean stops = (agreed & STOP) != 0;
            if (stops || (agreed & SAVE) != 0 || saver.isDue(at)) {
                saver.step(before.trained(at, figures.get()));
            }
            if (stops) {
                throw new RunStopped(directory);
            }
        }
    }

    private void stopIfAsked() {
        if (processes.isSoInAny(runner.stop().isMade())) {
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
                metrics.evaluation(plan.updates(before.at()), plan.label(segment), split, scores);
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
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        var label = testedWeights(segment);
        for (String split : config.splits().test()) {
            var found = runner.evaluate(directory, split, label);
            metrics.evaluation(plan.updates(state.at()), label, split, found);
            scores.put(split, found);
        }
        saver.end(segment);
        return scores;
    }

    /** Brings the model to the weights that are tested, and says which they are. */
    private String testedWeights(int segment) {
        var splits = config.splits();
        if (splits.test().isEmpty()
                || splits.valid().isEmpty()
                || !processes.isSoInFirst(Files.isRegularFile(directory.best()))) {
            return plan.label(segment);
        }
        RunCheckpoint.loadWeights(directory.best(), runner.model().module());
        return Metrics.BEST;
    }

    @Override
    public void close() {
        metrics.close();
    }
}
