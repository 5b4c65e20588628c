package io.lavis4j.bench;

import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Autocast;
import java.util.Collections;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A training step of BLIP-2 with OPT, as in its second stage: forward, backward, AdamW. */
final class TrainingStep implements AutoCloseable {

    private static final double LEARNING_RATE = 1e-5;
    private static final double WEIGHT_DECAY = 0.05;
    private static final double BETA_2 = 0.999;

    private final Blip2Opt model;
    private final AdamW optimizer;
    private final @Nullable BackwardSteps inBackward;

    /** @param model stays the caller's */
    TrainingStep(Blip2Opt model) {
        this(model, false);
    }

    /**
     * A step as with {@code run.optimizer_in_backward}, or without.
     *
     * @param model stays the caller's
     */
    TrainingStep(Blip2Opt model, boolean inBackward) {
        this.model = model;
        optimizer = optimizer(model);
        this.inBackward = inBackward ? new BackwardSteps(optimizer) : null;
    }

    /** With LAVIS's parameter groups. */
    static AdamW optimizer(Blip2Opt model) {
        return new AdamW(ParameterGroup.of(model, model.visualEncoder(), WEIGHT_DECAY, 1), LEARNING_RATE, BETA_2);
    }

    /** As many texts, each of which is cut at {@link TrainingBenchmark#TEXT_TOKENS}. */
    static Texts texts(long count) {
        return Texts.of(Collections.nCopies(Math.toIntExact(count), "a cat ".repeat(TrainingBenchmark.TEXT_TOKENS)));
    }

    /**
     * One step; on a GPU forward is autocast to the model's precision, as with {@code run.amp}, without a gradient
     * scaler.
     *
     * @param image (B, 3, S, S), or the vision encoder's output, (B, N, D)
     * @return the loss
     */
    float run(Tensor image) {
        try (var scope = new PointerScope()) {
            Tensor loss;
            try (var amp = new Autocast(image.device(), model.precision())) {
                loss = model.forward(image, texts(image.size(0))).total();
            }
            if (inBackward == null) {
                model.backward(loss);
                optimizer.step();
                optimizer.zeroGrad();
            } else {
                var whole = loss;
                var isLeftOut =
                        loss.isfinite().logical_not().to(ScalarType.Float).view(1);
                inBackward.run(isLeftOut, () -> model.backward(whole));
            }
            return loss.item_float();
        }
    }

    @Override
    public void close() {
        if (inBackward != null) {
            inBackward.close();
        }
        optimizer.close();
    }
}
