package io.lavis4j.fakecuda;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.nn.Module;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.ModelAndPreprocess;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A family's small model on a device of the fake runtime, with what a training step needs. */
final class SmallModel implements AutoCloseable {

    static final int BATCH = 3;
    private static final List<String> INPUTS = List.of("a dog", "two red buses in the street", "it rains");
    private static final List<String> ANSWERS = List.of("yes", "no, there are two of them", "perhaps");

    private final ModelAndPreprocess<? extends BaseModel> loaded;
    private final Device device;
    private final GradScaler scaler;
    private @Nullable AdamW optimizer;
    private @Nullable GradientCheckpoint recomputed;

    SmallModel(String arch, String device) {
        this.device = Devices.of(device);
        loaded = ModelAndPreprocess.load(arch, "small", this.device);
        scaler = new GradScaler(this.device);
    }

    <A> A as(Class<A> ability) {
        return loaded.as(ability);
    }

    Module module() {
        return loaded.model().module();
    }

    Device device() {
        return device;
    }

    /** (B, 3, S, S), float32; belongs to the open scope. */
    Tensor images(long batch) {
        long size = loaded.model().visualEncoder().imageSize();
        return torch.zeros(new long[] {batch, 3, size, size}, Tensors.options(device, ScalarType.Float));
    }

    static Texts texts() {
        return Texts.of(INPUTS, ANSWERS);
    }

    /** Makes the vision encoder trained, with its blocks recomputed in backward or not. */
    void train(boolean vision, @Nullable GradientCheckpoint blocks) {
        if (vision) {
            module().namedParameters().forEach((name, parameter) -> {
                if (name.startsWith("visual_encoder.")) {
                    parameter.requires_grad_(true);
                }
            });
        }
        recomputed = blocks;
        loaded.model().visualEncoder().useGradientCheckpoint(blocks);
        module().train(true);
    }

    AdamW optimizer() {
        if (optimizer == null) {
            optimizer = new AdamW(ParameterGroup.of(module(), loaded.model().visualEncoder(), 0.05, 1), 1e-3, 0.999);
        }
        return optimizer;
    }

    GradScaler scaler() {
        return scaler;
    }

    /** The scaled loss of a batch. */
    Tensor forward(TrainableModel.Prepared prepared, Tensor images) {
        try (var amp = new Autocast(device, Precision.FP16)) {
            return scaler.scale(prepared.loss(images).total());
        }
    }

    void backward(Tensor loss) {
        if (recomputed == null) {
            as(TrainableModel.class).backward(loss);
        } else {
            recomputed.backward(loss);
        }
    }

    /** Takes the optimizer's step from the gradients. */
    void update() {
        var foundInf = scaler.unscale(optimizer().gradients());
        optimizer().step(null, foundInf);
        scaler.update(foundInf);
        optimizer().zeroGrad();
    }

    /** A whole step. */
    void step() {
        try (var scope = new PointerScope()) {
            var model = as(TrainableModel.class);
            backward(forward(model.prepare(texts()), images(BATCH)));
            update();
        }
    }

    @Override
    public void close() {
        if (optimizer != null) {
            optimizer.close();
        }
        scaler.close();
        loaded.close();
    }
}
