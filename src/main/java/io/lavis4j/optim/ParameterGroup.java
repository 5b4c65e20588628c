package io.lavis4j.optim;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Module;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that share optimizer settings.
 *
 * @param parameters by name, in the order of the optimizer's state
 * @param weightDecay decoupled weight decay
 * @param lrScale factor of layer-wise decay; recorded, and as in LAVIS not applied
 */
public record ParameterGroup(Map<String, Tensor> parameters, double weightDecay, double lrScale) {

    private static final String VISION = "visual_encoder.";

    /**
     * The groups of {@code Blip2Base.get_optimizer_params}, in the order in which their first parameters come.
     *
     * <p>One-dimensional parameters and biases are not decayed; the vision encoder's are grouped by layer too.
     *
     * @param vision indices of its layers; {@code null} if the model has none
     * @param layerDecay factor of the learning rate from one layer to the one below
     */
    public static List<ParameterGroup> of(
            Module model, @Nullable VisionEncoder vision, double weightDecay, double layerDecay) {
        var groups = new LinkedHashMap<String, ParameterGroup>();
        model.trainableParameters().forEach((name, parameter) -> {
            boolean decayed = parameter.dim() != 1 && !name.endsWith(".bias");
            double decay = decayed ? weightDecay : 0;
            String key = decayed ? "decay" : "no_decay";
            double scale = 1;
            if (vision != null && name.startsWith(VISION)) {
                int layer = vision.getNumLayer(name.substring(VISION.length()));
                key = "vit_layer_%d_%s".formatted(layer, key);
                scale = Math.pow(layerDecay, vision.getNumLayer() + 1 - layer);
            }
            var empty = new ParameterGroup(new LinkedHashMap<>(), decay, scale);
            groups.computeIfAbsent(key, k -> empty).parameters().put(name, parameter);
        });
        return List.copyOf(groups.values());
    }

    /** The tensors in order. */
    List<Tensor> tensors() {
        return new ArrayList<>(parameters.values());
    }
}
