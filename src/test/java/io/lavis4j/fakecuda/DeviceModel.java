package io.lavis4j.fakecuda;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.nn.Module;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.ModelAndPreprocess;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A model on a device of the fake runtime, with what a training step needs. */
public final class DeviceModel implements AutoCloseable {

    public static final int BATCH = 3;
    private static final List<String> INPUTS = List.of("a dog", "two red buses in the street", "it rains");
    private static final List<String> ANSWERS = List.of("yes", "no, there are two of them", "perhaps");

    private final BaseModel model;
    private final Device device;
    private final GradScaler scaler;
    private @Nullable AdamW optimizer;
    private @Nullable GradientCheckpoint recomputed;

    /** Takes the model over. */
    public DeviceModel(BaseModel model, Device device) {
        this.model = model;
        this.device = device;
        scaler = new GradScaler(device);
    }

    /** A family's small model. */
    public static DeviceModel small(String arch, String device) {
        var on = Devices.of(device);
        return new DeviceModel(ModelAndPreprocess.load(arch, "small", on).model(), on);
    }

    public <A> A as(Class<A> ability) {
        return model.as(ability);
    }

    public Module module() {
        return model.module();
    }

    public Device device() {
        return device;
    }

    /** (B, 3, S, S), float32; belongs to the open scope. */
    public Tensor images(long batch) {
        long size = model.visualEncoder().imageSize();
        return torch.zeros(new long[] {batch, 3, size, size}, Tensors.options(device, ScalarType.Float));
    }

    public static Texts texts() {
        return Texts.of(INPUTS, ANSWERS);
    }

    /** Makes the vision encoder trained, with its blocks recomputed in backward or not. */
    public void train(boolean vision, @Nullable GradientCheckpoint blocks) {
        if (vision) {
            module().namedParameters().forEach((name, parameter) -> {
                if (name.startsWith("visual_encoder.")) {
                    parameter.requires_grad_(true);
                }
            });
        }
        recomputed = blocks;
        model.visualEncoder().useGradientCheckpoint(blocks);
        module().train(true);
    }

    public AdamW optimizer() {
        if (optimizer == null) {
            optimizer = new AdamW(ParameterGroup.of(module(), model.visualEncoder(), 0.05, 1), 1e-3, 0.999);
        }
        return optimizer;
    }

    public GradScaler scaler() {
        return scaler;
    }

    /** The scaled loss of a batch. */
    public Tensor forward(TrainableModel.Prepared prepared, Tensor images) {
        try (var amp = new Autocast(device, as(TrainableModel.class).precision())) {
            return scaler.scale(prepared.loss(images).total());
        }
    }

    public void backward(Tensor loss) {
        if (recomputed == null) {
            as(TrainableModel.class).backward(loss);
        } else {
            recomputed.backward(loss);
        }
    }

    /** Takes the optimizer's step from the gradients. */
    public void update() {
        var foundInf = scaler.unscale(optimizer().gradients());
        optimizer().step(null, foundInf);
        scaler.update(foundInf);
        optimizer().zeroGrad();
    }

    /** The loss of a batch, not scaled. */
    public Tensor loss(Texts texts, long batch) {
        var trainable = as(TrainableModel.class);
        try (var amp = new Autocast(device, trainable.precision())) {
            return trainable.prepare(texts).loss(images(batch)).total();
        }
    }

    /** A whole step whose updates are taken in backward, by {@code steps} of {@link #optimizer()}; not scaled. */
    public void step(BackwardSteps steps, Texts texts, long batch) {
        var loss = loss(texts, batch);
        steps.run(torch.zeros(new long[] {1}, Tensors.options(device, ScalarType.Float)), () -> backward(loss));
    }

    /** A whole step. */
    void step() {
        try (var scope = new PointerScope()) {
            step(texts(), BATCH);
        }
    }

    /** The same with other texts; the caller's scope frees what it makes. */
    public void step(Texts texts, long batch) {
        backward(forward(as(TrainableModel.class).prepare(texts), images(batch)));
        update();
    }

    @Override
    public void close() {
        if (optimizer != null) {
            optimizer.close();
        }
        scaler.close();
        model.close();
    }
}
