package io.lavis4j.model.evavit;

import io.lavis4j.nn.PositionTable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The file {@code eva_vit_g.pth}: a flat state dict of all 40 blocks in half precision. */
public final class EvaVitWeights {

    /** The published file's name. */
    public static final String FILE = "eva_vit_g.pth";

    private EvaVitWeights() {}

    /**
     * Fits the published file to a config: positions resized to the image size.
     *
     * @param state tensors by name; entries that the config has no place for (block 39, head, final norm) stay in and
     *     are reported as unexpected when loaded
     */
    public static Map<String, Tensor> fit(Map<String, Tensor> state, EvaVitConfig config) {
        var fitted = new LinkedHashMap<>(state);
        fitted.computeIfPresent(
                "pos_embed",
                (name, table) -> PositionTable.interpolate(table.squeeze(0), config.grid(), false)
                        .unsqueeze(0));
        return fitted;
    }
}
