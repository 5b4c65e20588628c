package io.lavis4j.model.clipvit;

import io.lavis4j.nn.PositionTable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The file {@code clip_vit_L.pth}: a flat state dict of the vision tower. */
public final class ClipVitWeights {

    /** The published file's name. */
    public static final String FILE = "clip_vit_L.pth";

    private ClipVitWeights() {}

    /**
     * Fits the published file to a config: positions resized to the image size, corners aligned.
     *
     * @param state tensors by name; entries that the config has no place for stay in and are reported as unexpected
     */
    public static Map<String, Tensor> fit(Map<String, Tensor> state, ClipVitConfig config) {
        var fitted = new LinkedHashMap<>(state);
        fitted.computeIfPresent(
                "positional_embedding", (name, table) -> PositionTable.interpolate(table, config.grid(), true));
        return fitted;
    }
}
