package io.lavis4j.model.clipvit;

import io.lavis4j.model.vit.VisionTransformer;
import io.lavis4j.nn.Conv2d;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * CLIP ViT: patch embedding without bias, learned positions, a norm, pre-norm blocks.
 *
 * <p>The residual stream has the dtype of the patch embedding's weight. Gradient checkpointing recomputes every block;
 * the reference wraps only those above index 12, with the same gradients.
 */
public final class ClipVit extends VisionTransformer<ClipVitBlock> {

    private final ClipVitConfig config;
    private final Tensor classEmbedding;
    private final Tensor positionalEmbedding;
    private final Conv2d conv1;
    private final LayerNorm lnPre;
    private final List<ClipVitBlock> resblocks = new ArrayList<>();

    /** An encoder with unset parameters, float32. */
    public ClipVit(ClipVitConfig config) {
        super(config);
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

    @Override
    protected Tensor embed(Tensor image) {
        long B = image.size(0), D = config.width();
        var patches = conv1.forward(image); // (B, N, D)
        var dtype = Tensors.dtype(patches);
        var cls = classEmbedding.to(dtype).expand(B, 1, D);
        return lnPre.forward(Tensors.cat(1, cls, patches).add(positionalEmbedding.to(dtype))); // (B, N+1, D)
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
    protected List<ClipVitBlock> blocks() {
        return resblocks;
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
}
