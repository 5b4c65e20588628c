package io.lavis4j.processor;

/** Decides what is done to a picture of a given size. */
sealed interface Planner permits RandomCrop, SquareResize, CentreCrop {

    /** Side of the result, S, in pixels. */
    int imageSize();

    /**
     * Draws what is random.
     *
     * @param width of the picture
     * @param height of the picture
     */
    PicturePlan plan(int width, int height, Draws draws);

    /** @throws IllegalArgumentException for a size that no picture can have */
    static void requireSize(int imageSize) {
        if (imageSize < 1 || imageSize > 1 << 14) {
            throw new IllegalArgumentException("image_size must be in [1, 16384] pixels, got " + imageSize);
        }
    }
}
