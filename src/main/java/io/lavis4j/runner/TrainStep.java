package io.lavis4j.runner;

import io.lavis4j.dataset.Batch;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What is learned from a batch: forward, backward and, when gradients of enough batches have been added up, the update.
 *
 * <p>Difference from LAVIS: the loss that is reported is not divided by {@code accum_grad_iters}.
 *
 * @param amp what a GPU computes in; fp32 without mixed precision
 * @param scaler of fp16's gradients; {@code null} otherwise
 * @param accumGradIters batches per optimizer step
 * @param gradNormClip bound of the norm of all gradients together; {@code null} for none
 */
record TrainStep(
        TrainableModel model,
        Task task,
        AdamW optimizer,
        Precision amp,
        @Nullable GradScaler scaler,
        int accumGradIters,
        @Nullable Double gradNormClip) {

    /**
     * Learns a batch.
     *
     * @param lr learning rate
     * @param meter takes the losses
     * @param update whether the gradients since the last update are taken into the parameters now
     */
    void run(Batch batch, double lr, LossMeter meter, boolean update) {
        optimizer.lr(lr);
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

    private Device device() {
        return model.module().device();
    }
}
