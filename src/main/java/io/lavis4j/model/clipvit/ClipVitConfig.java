package io.lavis4j.model.clipvit;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;

/**
 * Shape of a CLIP ViT.
 *
 * @param imageSize side of the images in pixels, a multiple of {@code patchSize}
 * @param patchSize side of a patch in pixels
 * @param width width of every block, D
 * @param layers blocks that are run
 * @param heads attention heads, H; divides {@code width}
 */
public record ClipVitConfig(int imageSize, int patchSize, int width, int layers, int heads)
        implements VisionEncoderConfig {

    public ClipVitConfig {
        require(width % heads == 0, "width must be divisible by heads, got %d and %d", width, heads);
        VisionEncoderConfig.requirePatches(imageSize, patchSize);
    }

    /** ViT-L of the published BLIP-2 models with {@code vit_model: clip_L}. */
    public static ClipVitConfig large(int imageSize) {
        return new ClipVitConfig(imageSize, 14, 1024, 23, 16);
    }

    @Override
    public VisionEncoder create() {
        return new ClipVit(this);
    }

    @Override
    public int numFeatures() {
        return width;
    }
}
