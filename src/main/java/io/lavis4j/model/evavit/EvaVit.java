package io.lavis4j.model.evavit;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Conv2d;
import io.lavis4j.nn.DropPath;
import io.lavis4j.nn.GradientCheckpoint;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** EVA ViT: patch embedding, learned positions, pre-norm blocks; the output is the raw residual stream. */
public final class EvaVit extends Module implements VisionEncoder {

    private final EvaVitConfig config;
    private final Tensor clsToken;
    private final Tensor posEmbed;
    private final Conv2d patchEmbed;
    private final List<EvaVitBlock> blocks = new ArrayList<>();
    private @Nullable GradientCheckpoint checkpoint;

    /** An encoder with unset parameters, float32. */
    public EvaVit(EvaVitConfig config) {
        this.config = config;
        int D = config.embedDim();
        clsToken = parameter("cls_token", 1, 1, D);
        posEmbed = parameter("pos_embed", 1, (long) config.grid() * config.grid() + 1, D);
        patchEmbed = child("patch_embed.proj", new Conv2d(3, D, config.patchSize(), true));
        double[] rates = DropPath.rates(config.dropPathRate(), config.depth());
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(child("blocks." + i, new EvaVitBlock(config, rates[i])));
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the image has another shape
     */
    @Override
    public Tensor forward(Tensor image) {
        return Scopes.through(() -> embed(image), blocks, this::run); // (B, N+1, D)
    }

    /** The input of the first block and the outputs of all blocks, (B, N+1, D) each; the caller's scope owns them. */
    public List<Tensor> hiddenStates(Tensor image) {
        return Scopes.trace(() -> embed(image), blocks, this::run);
    }

    private Tensor run(EvaVitBlock block, Tensor x) {
        return checkpoint == null ? block.forward(x) : checkpoint.run(block, block::forward, x);
    }

    private Tensor embed(Tensor image) {
        VisionEncoder.requireImage(image, config.imageSize());
        long B = image.size(0), D = config.embedDim();
        var patches = patchEmbed.forward(image); // (B, N, D)
        return Tensors.cat(1, clsToken.expand(B, 1, D), patches).add(posEmbed); // (B, N+1, D)
    }

    @Override
    public int numFeatures() {
        return config.embedDim();
    }

    @Override
    public int imageSize() {
        return config.imageSize();
    }

    @Override
    public int getNumLayer(String name) {
        if (name.equals("cls_token") || name.equals("pos_embed") || name.startsWith("patch_embed")) {
            return 0;
        }
        return name.startsWith("blocks.") ? Integer.parseInt(name.split("\\.", -1)[1]) + 1 : getNumLayer();
    }

    @Override
    public int getNumLayer() {
        return config.depth();
    }

    @Override
    public void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public void initialize() {
        try (var scope = new PointerScope()) {
            Init.truncatedNormal(clsToken, 0.02);
            Init.truncatedNormal(posEmbed, 0.02);
            patchEmbed.initialize();
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).initialize(i);
            }
        }
    }

    @Override
    public Module module() {
        return this;
    }
}
