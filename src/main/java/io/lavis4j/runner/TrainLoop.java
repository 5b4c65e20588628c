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
 */
record TrainLoop(TrainStep step, LrSchedule schedule, RunPlan plan, int logFreq, RunListener listener) {

    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    /**
     * The sums of a segment so far, from which it can go on.
     *
     * @param rates sum of the learning rates of its iterations
     */
    record Figures(LossMeter.Sums losses, double rates) {

        static final Figures NONE = new Figures(LossMeter.Sums.NONE, 0);

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

    /** A place between two updates inside a segment, where a run can be saved and go on. */
    interface SafePoint {

        /** Bits that this process raises before an update. */
        int signals();

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
        int segment = from.segment(), steps = plan.batches(segment);
        var clock = new PassTimer(header(segment), from.batch(), steps, listener);
        double rates = before.rates();
        try (var loss = step.meter(before.losses())) {
            for (int i = from.batch(); i < steps; i++) {
                var after = new Position(segment, i + 1);
                double lr = schedule.lr(segment, i);
                rates += lr;
                int raised;
                clock.startStep();
                try (var batch = batches.next()) {
                    clock.dataReady();
                    raised = step.run(batch, lr, loss, plan.isUpdate(after), between.signals());
                }
                if ((i + 1) % logFreq == 0 || i + 1 == steps) {
                    clock.read(checked(step.read(loss), batches, after), PeakMemory.mebibytes(device()));
                }
                clock.endStep(lr);
                if (plan.isUpdate(after) && i + 1 < steps) {
                    double sum = rates;
                    between.at(after, raised, () -> new Figures(loss.sums(), sum));
                }
            }
            clock.end();
            return new Figures(loss.sums(), rates);
        }
    }

    private String header(int segment) {
        return plan.unit() == RunPlan.Unit.EPOCH
                ? "Train: data epoch: [%d]".formatted(segment)
                : "Train: data epoch: [%d]; inner epoch [%d]".formatted(plan.dataEpoch(segment), segment);
    }

    /** Says what was left out since the last reading, and ends the run if that is too much. */
    private double checked(TrainStep.Reading read, TrainingBatches batches, Position done) {
        if (read.batchesPastLimit() > 0) {
            int first = done.batch() - step.pendingBatches() - read.batchesPastLimit();
            long number = plan.iterations(new Position(done.segment(), first));
            throw new Culprit(step)
                    .error(
                            read.losses().notFinite(),
                            batches.loader(),
                            Math.toIntExact(number / plan.batchesPerEpoch()),
                            (int) (number % plan.batchesPerEpoch()));
        }
        if (read.leftOut() > 0) {
            LOG.warn(
                    "{} updates before step {} of epoch {} were left out, as they were not finite: {}",
                    read.leftOut(),
                    done.batch() + 1,
                    done.segment(),
                    read.losses().notFinite().isEmpty()
                            ? "gradients"
                            : read.losses().notFinite());
        }
        return read.losses().loss();
    }

    private Device device() {
        return step.model().module().device();
    }
}
