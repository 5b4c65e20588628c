package io.lavis4j.runner;

import io.lavis4j.optim.LrSchedule;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.PeakMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments of training: batches, learning rate by step, what is logged.
 *
 * <p>Difference from LAVIS: gradients that are left over at the end of a segment make a last step instead of leaking
 * into the next one.
 *
 * @param step forward, backward and update of each batch
 * @param schedule by segment and iteration in it
 * @param logFreq iterations between two readings of the loss
 * @param readings take what was measured
 */
record TrainLoop(
        TrainStep step, LrSchedule schedule, RunPlan plan, int logFreq, RunListener listener, Readings readings) {

    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    /**
     * The sums of a segment so far, from which it can go on.
     *
     * @param rates sum of the learning rates of its iterations
     * @param unread of its updates
     */
    record Figures(LossMeter.Sums losses, double rates, TrainStep.Unread unread) {

        static final Figures NONE = new Figures(LossMeter.Sums.NONE, 0, TrainStep.Unread.NONE);

        /** Those at the beginning of the next segment. */
        Figures next() {
            return new Figures(LossMeter.Sums.NONE, 0, unread);
        }

        /** The figures of a whole segment. */
        Stats stats() {
            return new Stats(rates / losses.steps(), losses.mean(), losses.partMeans());
        }
    }

    /**
     * The figures of a segment.
     *
     * @param lr mean learning rate of its steps
     * @param loss mean loss of its batches
     * @param parts of the loss by name
     */
    record Stats(double lr, double loss, Map<String, Double> parts) {

        /** As {@code log.txt} has them, the segment's number under {@code key}. */
        Map<String, Number> named(String key, long number) {
            var named = new LinkedHashMap<String, Number>();
            named.put(key, number);
            named.put("train_lr", lr);
            named.put("train_loss", loss);
            parts.forEach((name, part) -> named.put("train_" + name, part));
            return named;
        }
    }

    /** Takes what was measured since the last reading. */
    @FunctionalInterface
    interface Readings {

        /** @param figures by name */
        void take(Metrics.Place at, Map<String, Number> figures);
    }

    /** A place between two updates inside a segment, where a run can be saved and go on. */
    @FunctionalInterface
    interface SafePoint {

        /** Bits that this process raises before an update. */
        default int signals() {
            return 0;
        }

        /**
         * Comes to a place.
         *
         * @param raised bits that any process has raised before the last update
         * @param figures so far; asking for them waits for the device
         */
        void at(Position position, int raised, Supplier<Figures> figures);
    }

    /**
     * Trains from a position to the end of its segment.
     *
     * @param before the figures of the segment up to there
     * @param between told of each safe point
     * @return the figures of the whole segment
     * @throws IllegalStateException if the loss is no longer finite
     */
    Figures segment(Position from, Figures before, TrainingBatches batches, SafePoint between) {
        step.model().module().train(true);
        step.goOnFrom(before.unread());
        int segment = from.segment(), steps = plan.batches(segment);
        var clock = new PassTimer(header(segment), from.batch(), steps, listener);
        double rates = before.rates();
        long samples = 0;
        try (var loss = step.meter(before.losses())) {
            for (int i = from.batch(); i < steps; i++) {
                var after = new Position(segment, i + 1);
                double lr = schedule.lr(segment, i);
                rates += lr;
                int raised;
                clock.startStep();
                try (var batch = batches.next()) {
                    clock.dataReady();
                    samples += (long) batch.size() * step.world();
                    raised = step.run(batch, lr, loss, plan.isUpdate(after), between.signals());
                }
                if ((i + 1) % logFreq == 0 || i + 1 == steps) {
                    var read = checked(step.read(loss), batches, after);
                    clock.read(read.losses().loss(), PeakMemory.mebibytes(device()));
                    var figures = new TrainingFigures(read, lr, samples, clock.span(), device());
                    readings.take(plan.place(after), figures.named());
                    samples = 0;
                }
                clock.endStep(lr);
                if (plan.isUpdate(after) && i + 1 < steps) {
                    double sum = rates;
                    between.at(after, raised, () -> figures(loss, sum, batches, after));
                }
            }
            clock.end();
            return new Figures(loss.sums(), rates, step.unread());
        }
    }

    /** The figures at a place that is going to be saved, which must not lie after an update that broke the run. */
    private Figures figures(LossMeter loss, double rates, TrainingBatches batches, Position after) {
        if (step.isPastLimit()) {
            checked(step.read(loss), batches, after);
        }
        return new Figures(loss.sums(), rates, step.unread());
    }

    private String header(int segment) {
        return plan.unit() == RunPlan.Unit.EPOCH
                ? "Train: data epoch: [%d]".formatted(segment)
                : "Train: data epoch: [%d]; inner epoch [%d]".formatted(plan.dataEpoch(segment), segment);
    }

    /** Says what was left out since the last reading, and ends the run if that is too much. */
    private TrainStep.Reading checked(TrainStep.Reading read, TrainingBatches batches, Position after) {
        if (read.batchesPastLimit() > 0) {
            long first = plan.iterations(after) - step.pendingBatches() - read.batchesPastLimit();
            throw new Culprit(step).error(read.losses().notFinite(), batches.loader(), first, plan.ofUpdate(first));
        }
        if (read.leftOut() > 0) {
            LOG.warn(
                    "{} updates before step {} of {} {} were left out, as they were not finite: {}",
                    read.leftOut(),
                    after.batch() + 1,
                    plan.unit() == RunPlan.Unit.EPOCH ? "epoch" : "inner epoch",
                    after.segment(),
                    read.losses().notFinite().isEmpty()
                            ? "gradients"
                            : read.losses().notFinite());
        }
        return read;
    }

    private Device device() {
        return step.model().module().device();
    }
}
