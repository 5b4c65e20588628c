package io.lavis4j.model;

import static io.lavis4j.io.Arguments.require;

/** Shape of a vision encoder. */
public interface VisionEncoderConfig {

    /** An encoder of this shape with unset parameters. */
    VisionEncoder create();

    /** Side of the square images, in pixels. */
    int imageSize();

    /** Side of a patch, in pixels. */
    int patchSize();

    /** Width of the output, D. */
    int numFeatures();

    /** Patches on a side. */
    default int grid() {
        return imageSize() / patchSize();
    }

    /** Refuses images that are not made of whole patches. */
    static void requirePatches(int imageSize, int patchSize) {
        require(
                imageSize >= patchSize && imageSize % patchSize == 0,
                "imageSize must be a multiple of the patch size %d, got %d",
                patchSize,
                imageSize);
    }
}
