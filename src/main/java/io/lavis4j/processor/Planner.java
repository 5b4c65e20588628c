package io.lavis4j.processor;

/** Decides what is done to an image of a given size. */
sealed interface Planner permits RandomCrop, SquareResize, CentreCrop {

    /** Side of the result, S, in pixels. */
    int imageSize();

    /**
     * Draws what is random.
     *
     * @param width of the image
     * @param height of the image
     */
    ImagePlan plan(int width, int height, SampleRandom random);

    /** @throws IllegalArgumentException for a size that no image can have */
    static void requireSize(int imageSize) {
        if (imageSize < 1 || imageSize > 1 << 14) {
            throw new IllegalArgumentException("image_size must be in [1, 16384] pixels, got " + imageSize);
        }
    }
}
