package io.lavis4j.model.opt;

import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** OPT with its language-model head, whose weight is the word table. */
public final class Opt extends Module implements CausalTransformer {

    /** The position table's first two rows belong to no position. */
    private static final int POSITION_OFFSET = 2;

    private final OptConfig config;
    private final Embedding embedTokens;
    private final Embedding embedPositions;
    private final @Nullable Linear projectOut;
    private final @Nullable Linear projectIn;
    private final @Nullable LayerNorm finalLayerNorm;
    private final List<OptLayer> layers;
    private final Linear lmHead;

    /** A model with unset parameters, float32. */
    public Opt(OptConfig config) {
        this.config = config;
        int D = config.hiddenSize(), W = config.wordEmbedProjDim();
        embedTokens = child("model.decoder.embed_tokens", new Embedding(config.vocabSize(), W));
        embedPositions = child(
                "model.decoder.embed_positions",
                new Embedding(config.maxPositionEmbeddings() + (long) POSITION_OFFSET, D));
        projectOut = W == D ? null : child("model.decoder.project_out", new Linear(D, W, false));
        projectIn = W == D ? null : child("model.decoder.project_in", new Linear(W, D, false));
        finalLayerNorm = config.doLayerNormBefore() && !config.removeFinalLayerNorm()
                ? child("model.decoder.final_layer_norm", new LayerNorm(D, OptLayer.LAYER_NORM_EPS))
                : null;
        layers = IntStream.range(0, config.numHiddenLayers())
                .mapToObj(i -> child("model.decoder.layers." + i, new OptLayer(config, i)))
                .toList();
        lmHead = child("lm_head", new Linear(embedTokens.weight()));
    }

    @Override
    public Tensor embed(Tensor ids) {
        return embedTokens.forward(ids);
    }

    @Override
    public Tensor start(Tensor x, Tensor positions) {
        var projected = projectIn == null ? x : projectIn.forward(x); // (B, T, D)
        return projected.add(embedPositions.forward(positions.add(Tensors.scalar(POSITION_OFFSET)))); // (B, T, D)
    }

    @Override
    public List<? extends Block> blocks() {
        return layers;
    }

    @Override
    public Tensor finish(Tensor x) {
        var normed = finalLayerNorm == null ? x : finalLayerNorm.forward(x);
        return projectOut == null ? normed : projectOut.forward(normed); // (B, T, W)
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return lmHead.forward(hidden);
    }

    @Override
    public OptConfig config() {
        return config;
    }

    /** Normal with standard deviation 0.02, biases 0. */
    @Override
    public void initialize() {
        initializeNormal(0.02);
    }
}
