package io.lavis4j.bench;

import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Autocast;
import java.util.Collections;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A training step of BLIP-2 with OPT, as in its second stage: forward, backward, AdamW. */
final class TrainingStep implements AutoCloseable {

    private static final double LEARNING_RATE = 1e-5;
    private static final double WEIGHT_DECAY = 0.05;
    private static final double BETA_2 = 0.999;

    private final Blip2Opt model;
    private final AdamW optimizer;

    /** @param model stays the caller's */
    TrainingStep(Blip2Opt model) {
        this.model = model;
        optimizer = optimizer(model);
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
            model.backward(loss);
            optimizer.step();
            optimizer.zeroGrad();
            return loss.item_float();
        }
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
