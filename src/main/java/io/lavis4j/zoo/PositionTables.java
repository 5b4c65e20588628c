package io.lavis4j.zoo;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.PositionTable;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Positions of a whole model's checkpoint for another image size, resized as those of the backbones' files are. */
public final class PositionTables {

    private static final Logger LOG = LoggerFactory.getLogger(PositionTables.class);

    /** Whether corners are aligned, by the table's name: EVA's and CLIP's. */
    private static final Map<String, Boolean> ALIGN_CORNERS = Map.of(
            VisionKeys.PREFIX + "pos_embed", false,
            VisionKeys.PREFIX + "positional_embedding", true);

    private PositionTables() {}

    /**
     * The state dict of a whole model's checkpoint, with positions of the model's number if its type has them resized.
     */
    public static Map<String, Tensor> ofCheckpoint(Path file, ModelType<?> type, Module module) {
        var state = Checkpoints.stateDict(file);
        return type.interpolatePosEmbed() ? resized(file, state, module) : state;
    }

    /**
     * The state dict with positions of the model's number; what it has of the right number, or of another width, stays.
     *
     * @param file for the log
     * @param module of the whole model
     */
    static Map<String, Tensor> resized(Path file, Map<String, Tensor> state, Module module) {
        var fitted = new LinkedHashMap<>(state);
        var own = module.stateDict();
        ALIGN_CORNERS.forEach((name, alignCorners) -> {
            var table = fitted.get(name);
            var wanted = own.get(name);
            if (table != null && wanted != null && differ(table, wanted)) {
                var rows = table.view(rows(table), width(table));
                int grid = grid(wanted);
                fitted.put(
                        name,
                        PositionTable.interpolate(rows, grid, alignCorners).view(wanted.shape()));
                LOG.info("{}: {} resized from {} to {}", file, name, Tensors.shape(table), Tensors.shape(wanted));
            }
        });
        return fitted;
    }

    private static boolean differ(Tensor table, Tensor wanted) {
        return table.dim() == wanted.dim() && width(table) == width(wanted) && rows(table) != rows(wanted);
    }

    private static long width(Tensor table) {
        return table.size(table.dim() - 1);
    }

    private static long rows(Tensor table) {
        return table.size(table.dim() - 2);
    }

    /** Patches on a side. */
    private static int grid(Tensor table) {
        return (int) Math.round(Math.sqrt(rows(table) - 1.0));
    }
}
