package io.lavis4j.model.evavit;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;

/**
 * Shape of an EVA ViT.
 *
 * @param imageSize side of the images in pixels, a multiple of {@code patchSize}
 * @param patchSize side of a patch in pixels
 * @param embedDim width, D
 * @param depth blocks that are run
 * @param numHeads attention heads, H; divides {@code embedDim}
 * @param mlpHidden width inside the MLP
 * @param dropPathRate stochastic depth of the last block, 0 to 1; earlier ones less, linearly
 * @param layerNormEps added to the variance in the blocks' norms
 */
public record EvaVitConfig(
        int imageSize,
        int patchSize,
        int embedDim,
        int depth,
        int numHeads,
        int mlpHidden,
        double dropPathRate,
        double layerNormEps)
        implements VisionEncoderConfig {

    public EvaVitConfig {
        require(embedDim % numHeads == 0, "embedDim must be divisible by numHeads, got %d and %d", embedDim, numHeads);
        VisionEncoderConfig.requirePatches(imageSize, patchSize);
        require(dropPathRate >= 0 && dropPathRate < 1, "dropPathRate must be in [0, 1), got %s", dropPathRate);
    }

    /** ViT-g of every published BLIP-2 model with {@code vit_model: eva_clip_g}. */
    public static EvaVitConfig giant(int imageSize, double dropPathRate) {
        return new EvaVitConfig(imageSize, 14, 1408, 39, 16, 6144, dropPathRate, 1e-6);
    }

    /** Ours, {@code vit_model: eva_small}: small enough to be trained from scratch on a CPU. */
    public static EvaVitConfig small(int imageSize, double dropPathRate) {
        return new EvaVitConfig(imageSize, 14, 64, 2, 4, 256, dropPathRate, 1e-6);
    }

    @Override
    public VisionEncoder create() {
        return new EvaVit(this);
    }

    @Override
    public int numFeatures() {
        return embedDim;
    }
}
