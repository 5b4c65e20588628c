package io.lavis4j.runner;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.PeakMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training epochs: batches, learning rate by step, what is logged.
 *
 * <p>Difference from LAVIS: gradients that are left over at the end of an epoch make a last step instead of leaking
 * into the next epoch.
 *
 * @param step forward, backward and update of each batch
 * @param logFreq steps between two readings of the loss
 */
record TrainLoop(TrainStep step, LrSchedule schedule, int logFreq, RunListener listener) {

    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    /**
     * The figures of an epoch.
     *
     * @param lr mean learning rate of its steps
     * @param loss mean loss of its batches
     * @param parts of the loss by name
     */
    record Stats(double lr, double loss, Map<String, Double> parts) {

        /** As {@code log.txt} has them. */
        Map<String, Number> named(int epoch) {
            var named = new LinkedHashMap<String, Number>();
            named.put("epoch", epoch);
            named.put("train_lr", lr);
            named.put("train_loss", loss);
            parts.forEach((name, part) -> named.put("train_" + name, part));
            return named;
        }
    }

    /** @throws IllegalStateException if the loss is no longer finite */
    Stats epoch(int epoch, BatchLoader loader) {
        step.model().module().train(true);
        int steps = loader.batchesPerEpoch();
        var clock = new PassTimer("Train: data epoch: [%d]".formatted(epoch), steps, listener);
        double rates = 0;
        try (var loss = new LossMeter(device());
                var batches = loader.epoch(epoch)) {
            if (epoch + 1 < schedule.maxEpoch()) {
                loader.expect(epoch + 1);
            }
            for (int i = 0; i < steps; i++) {
                clock.startStep();
                try (var batch = batches.next()) {
                    clock.dataReady();
                    double lr = schedule.lr(epoch, i);
                    rates += lr;
                    step.run(batch, lr, loss, (i + 1) % step.accumGradIters() == 0 || i + 1 == steps);
                    if ((i + 1) % logFreq == 0 || i + 1 == steps) {
                        clock.read(checked(step.read(loss), loader, epoch, i + 1), PeakMemory.mebibytes(device()));
                    }
                    clock.endStep(lr);
                }
            }
            clock.end();
            return new Stats(rates / steps, loss.mean(), loss.partMeans());
        }
    }

    /** Says what was left out since the last reading, and ends the run if that is too much. */
    private double checked(TrainStep.Reading read, BatchLoader loader, int epoch, int done) {
        if (read.batchesPastLimit() > 0) {
            int pending = step.pendingBatches();
            throw new Culprit(step).error(read.losses().notFinite(), loader, epoch, done - pending - read.batchesPastLimit());
        }
        if (read.leftOut() > 0) {
            LOG.warn(
                    "{} updates before step {} of epoch {} were left out, as they were not finite: {}",
                    read.leftOut(),
                    done + 1,
                    epoch,
                    read.losses().notFinite().isEmpty() ? "gradients" : read.losses().notFinite());
        }
        return read.losses().loss();
    }

    private Device device() {
        return step.model().module().device();
    }
}
