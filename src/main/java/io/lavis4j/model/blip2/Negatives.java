package io.lavis4j.model.blip2;

import org.bytedeco.pytorch.Tensor;

/** A way to choose the texts and images that do not belong together, of which matching learns. */
@FunctionalInterface
interface Negatives {

    /** Draws from the device's generator: the likelier, the more similar they are. */
    Negatives DRAWN = weights -> weights.multinomial(1).squeeze(1); // (B)

    /**
     * One for each row. The images for all texts are chosen first, then the texts for all images.
     *
     * @param weights (B, W B), rows that sum to 1
     * @return (B), int64
     */
    Tensor choose(Tensor weights);
}
