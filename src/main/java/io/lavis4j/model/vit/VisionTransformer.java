package io.lavis4j.model.vit;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Scopes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A vision transformer (arXiv:2010.11929) by its embedding of images and its blocks, each of which may be recomputed in
 * backward.
 *
 * @param <B> blocks
 */
public abstract class VisionTransformer<B extends Module & UnaryOperator<Tensor>> extends Module
        implements VisionEncoder {

    private final VisionEncoderConfig config;
    private @Nullable GradientCheckpoint checkpoint;

    /** An encoder of a shape. */
    protected VisionTransformer(VisionEncoderConfig config) {
        this.config = config;
    }

    /**
     * The input of the first block.
     *
     * @param image (B, 3, S, S) of the configured size
     * @return (B, N+1, D)
     */
    protected abstract Tensor embed(Tensor image);

    /** The blocks, the first one first. */
    protected abstract List<B> blocks();

    @Override
    public final Tensor forward(Tensor image) {
        VisionEncoder.requireImage(image, imageSize());
        return Scopes.through(() -> embed(image), blocks(), this::run); // (B, N+1, D)
    }

    /** The input of the first block and the outputs of all blocks, (B, N+1, D) each; the caller's scope owns them. */
    public final List<Tensor> hiddenStates(Tensor image) {
        return Scopes.trace(() -> embed(image), blocks(), this::run);
    }

    private Tensor run(B block, Tensor x) {
        return checkpoint == null ? block.apply(x) : checkpoint.run(block.isTrained(), block, x);
    }

    @Override
    public final int numFeatures() {
        return config.numFeatures();
    }

    @Override
    public final int imageSize() {
        return config.imageSize();
    }

    @Override
    public final int getNumLayer() {
        return blocks().size();
    }

    @Override
    public final void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public final Module module() {
        return this;
    }
}
