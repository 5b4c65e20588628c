package io.lavis4j.model.clipvit;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Conv2d;
import io.lavis4j.nn.GradientCheckpoint;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * CLIP ViT: patch embedding without bias, learned positions, a norm, pre-norm blocks.
 *
 * <p>The residual stream has the dtype of the patch embedding's weight. Gradient checkpointing recomputes every block;
 * the reference wraps only those above index 12, with the same gradients.
 */
public final class ClipVit extends Module implements VisionEncoder {

    private final ClipVitConfig config;
    private final Tensor classEmbedding;
    private final Tensor positionalEmbedding;
    private final Conv2d conv1;
    private final LayerNorm lnPre;
    private final List<ClipVitBlock> resblocks = new ArrayList<>();
    private @Nullable GradientCheckpoint checkpoint;

    /** An encoder with unset parameters, float32. */
    public ClipVit(ClipVitConfig config) {
        this.config = config;
        int D = config.width();
        classEmbedding = parameter("class_embedding", D);
        positionalEmbedding = parameter("positional_embedding", (long) config.grid() * config.grid() + 1, D);
        conv1 = child("conv1", new Conv2d(3, D, config.patchSize(), false));
        lnPre = child("ln_pre", new LayerNorm(D, 1e-5));
        for (int i = 0; i < config.layers(); i++) {
            resblocks.add(child("transformer.resblocks." + i, new ClipVitBlock(D, config.heads())));
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the image has another shape
     */
    @Override
    public Tensor forward(Tensor image) {
        return Scopes.through(() -> embed(image), resblocks, this::run); // (B, N+1, D)
    }

    /** The input of the first block and the outputs of all blocks, (B, N+1, D) each; the caller's scope owns them. */
    public List<Tensor> hiddenStates(Tensor image) {
        return Scopes.trace(() -> embed(image), resblocks, this::run);
    }

    private Tensor run(ClipVitBlock block, Tensor x) {
        return checkpoint == null ? block.forward(x) : checkpoint.run(block, block::forward, x);
    }

    private Tensor embed(Tensor image) {
        VisionEncoder.requireImage(image, config.imageSize());
        long B = image.size(0), D = config.width();
        var patches = conv1.forward(image); // (B, N, D)
        var dtype = Tensors.dtype(patches);
        var cls = classEmbedding.to(dtype).expand(B, 1, D);
        return lnPre.forward(Tensors.cat(1, cls, patches).add(positionalEmbedding.to(dtype))); // (B, N+1, D)
    }

    @Override
    public int numFeatures() {
        return config.width();
    }

    @Override
    public int imageSize() {
        return config.imageSize();
    }

    /** The names conv1 and ln_pre are matched whole, as in the reference, so their weights count as the last layer. */
    @Override
    public int getNumLayer(String name) {
        return switch (name) {
            case "class_embedding", "positional_embedding", "conv1", "ln_pre" -> 0;
            default ->
                name.startsWith("transformer.resblocks.")
                        ? Integer.parseInt(name.split("\\.", -1)[2]) + 1
                        : getNumLayer();
        };
    }

    @Override
    public int getNumLayer() {
        return config.layers();
    }

    @Override
    public void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public void initialize() {
        try (var scope = new PointerScope()) {
            double std = 1 / Math.sqrt(config.width());
            Init.normal(classEmbedding, std);
            Init.normal(positionalEmbedding, std);
            conv1.initialize();
            lnPre.initialize();
            resblocks.forEach(ClipVitBlock::initialize);
        }
    }

    @Override
    public Module module() {
        return this;
    }
}
