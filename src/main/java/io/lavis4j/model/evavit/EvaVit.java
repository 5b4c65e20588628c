package io.lavis4j.model.evavit;

import io.lavis4j.model.vit.VisionTransformer;
import io.lavis4j.nn.Conv2d;
import io.lavis4j.nn.DropPath;
import io.lavis4j.nn.Init;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** EVA ViT: patch embedding, learned positions, pre-norm blocks; the output is the raw residual stream. */
public final class EvaVit extends VisionTransformer<EvaVitBlock> {

    private final EvaVitConfig config;
    private final Tensor clsToken;
    private final Tensor posEmbed;
    private final Conv2d patchEmbed;
    private final List<EvaVitBlock> blocks = new ArrayList<>();

    /** An encoder with unset parameters, float32. */
    public EvaVit(EvaVitConfig config) {
        super(config);
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

    @Override
    protected Tensor embed(Tensor image) {
        long B = image.size(0), D = config.embedDim();
        var patches = patchEmbed.forward(image); // (B, N, D)
        return Tensors.cat(1, clsToken.expand(B, 1, D), patches).add(posEmbed); // (B, N+1, D)
    }

    @Override
    public int getNumLayer(String name) {
        if (name.equals("cls_token") || name.equals("pos_embed") || name.startsWith("patch_embed")) {
            return 0;
        }
        return name.startsWith("blocks.") ? Integer.parseInt(name.split("\\.", -1)[1]) + 1 : getNumLayer();
    }

    @Override
    protected List<EvaVitBlock> blocks() {
        return blocks;
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
}
