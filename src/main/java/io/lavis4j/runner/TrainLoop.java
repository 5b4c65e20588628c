package io.lavis4j.runner;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.PeakMemory;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training epochs: forward, backward, optimizer step, learning rate by step.
 *
 * <p>Differences from LAVIS: gradients that are left over at the end of an epoch make a last step instead of leaking
 * into the next epoch, and the loss that is reported is not divided by {@code accum_grad_iters}.
 *
 * @param amp what a GPU computes in; fp32 without mixed precision
 * @param scaler of fp16's gradients; {@code null} otherwise
 * @param accumGradIters batches per optimizer step
 * @param gradNormClip bound of the norm of all gradients together; {@code null} for none
 * @param logFreq steps between two readings of the loss
 */
record TrainLoop(
        TrainableModel model,
        Task task,
        AdamW optimizer,
        Precision amp,
        @Nullable GradScaler scaler,
        LrSchedule schedule,
        int accumGradIters,
        @Nullable Double gradNormClip,
        int logFreq,
        RunListener listener) {

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
        model.module().train(true);
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
                    optimizer.lr(lr);
                    step(batch, loss, (i + 1) % accumGradIters == 0 || i + 1 == steps);
                    if ((i + 1) % logFreq == 0 || i + 1 == steps) {
                        clock.read(checked(loss.read(), epoch, i), PeakMemory.mebibytes(device()));
                    }
                    clock.endStep(lr);
                }
            }
            clock.end();
            return new Stats(rates / steps, loss.mean(), loss.partMeans());
        }
    }

    private void step(Batch batch, LossMeter meter, boolean update) {
        try (var scope = new PointerScope()) {
            model.backward(loss(batch, meter));
            if (update) {
                update();
            }
        }
    }

    private Tensor loss(Batch batch, LossMeter meter) {
        Losses losses;
        try (var region = new Autocast(device(), amp)) {
            losses = task.trainStep(model, batch);
        }
        meter.add(losses);
        var loss = losses.total();
        if (accumGradIters > 1) {
            loss = loss.div(Tensors.scalar(accumGradIters));
        }
        return scaler == null ? loss : scaler.scale(loss);
    }

    private void update() {
        var gradients = optimizer.gradients();
        var foundInf = scaler == null ? null : scaler.unscale(gradients);
        if (gradNormClip != null) {
            GradNorm.clip(gradients, gradNormClip);
        }
        optimizer.step(null, foundInf);
        if (scaler != null && foundInf != null) {
            scaler.update(foundInf);
        }
        optimizer.zeroGrad();
    }

    private double checked(double loss, int epoch, int step) {
        if (!Double.isFinite(loss) && scaler != null) {
            LOG.warn(
                    "The loss became {} in the steps before step {} of epoch {}; such steps are not taken",
                    loss,
                    step,
                    epoch);
        } else if (!Double.isFinite(loss)) {
            throw new IllegalStateException(
                    "the loss became %s in the %d steps before step %d of epoch %d; lower run.init_lr, raise run.warmup_steps"
                                    .formatted(loss, logFreq, step + 1, epoch)
                            + "; checkpoints of earlier epochs are intact");
        }
        return loss;
    }

    private Device device() {
        return model.module().device();
    }
}
