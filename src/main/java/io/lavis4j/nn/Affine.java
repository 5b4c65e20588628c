package io.lavis4j.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * What normalised rows are still to be multiplied by and to get added. A layer that reads them can do so to its own
 * weight instead: then nothing has to go backward through the rows for the gradients of these two.
 *
 * @param scale (width)
 * @param shift (width)
 */
public record Affine(Tensor scale, Tensor shift) {

    /**
     * Rows multiplied and added to.
     *
     * @param x (..., width)
     */
    Tensor of(Tensor x) {
        return x.mul(scale).add(shift);
    }
}
