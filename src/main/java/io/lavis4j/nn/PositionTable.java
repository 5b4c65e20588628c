package io.lavis4j.nn;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.upsample_bicubic2d;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Learned positions of a ViT for another image size. */
public final class PositionTable {

    private PositionTable() {}

    /**
     * Resizes the table of a square grid by bicubic interpolation (a = -0.75, no antialiasing); the class token's row
     * is kept.
     *
     * @param table (old^2 + 1, D)
     * @param grid patches on a side of the new image
     * @param alignCorners which of the two conventions: the reference uses false for EVA and true for CLIP
     * @return (grid^2 + 1, D), float32; {@code table} itself if the grid is unchanged
     */
    public static Tensor interpolate(Tensor table, int grid, boolean alignCorners) {
        long D = table.size(1), old = Math.round(Math.sqrt(table.size(0) - 1.0));
        require(
                old * old + 1 == table.size(0),
                "expected a position table of a square grid and a class token, got %s",
                Tensors.shape(table));
        if (old == grid) {
            return table;
        }
        return Scopes.keep(() -> {
            var rows = table.to(ScalarType.Float);
            var patches = rows.narrow(0, 1, old * old).view(1, old, old, D).permute(0, 3, 1, 2); // (1, D, old, old)
            var resized = upsample_bicubic2d(
                            patches, new long[] {grid, grid}, alignCorners, new DoubleOptional(), new DoubleOptional())
                    .permute(0, 2, 3, 1)
                    .reshape((long) grid * grid, D); // (grid^2, D)
            return Tensors.cat(0, rows.narrow(0, 0, 1), resized); // (grid^2 + 1, D)
        });
    }
}
