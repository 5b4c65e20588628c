package io.lavis4j.model.opt;

import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** OPT with its language-model head, whose weight is the word table. */
public final class Opt extends Module implements CausalLanguageModel {

    /** The position table's first two rows belong to no position. */
    private static final int POSITION_OFFSET = 2;

    private static final double INIT_STD = 0.02;

    private final OptConfig config;
    private final Embedding embedTokens;
    private final Embedding embedPositions;
    private final @Nullable Linear projectOut;
    private final @Nullable Linear projectIn;
    private final @Nullable LayerNorm finalLayerNorm;
    private final List<OptLayer> layers = new ArrayList<>();
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
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(child("model.decoder.layers." + i, new OptLayer(config, i)));
        }
        lmHead = child("lm_head", new Linear(embedTokens.weight()));
    }

    @Override
    public Tensor embed(Tensor ids) {
        return embedTokens.forward(ids);
    }

    @Override
    public Tensor forward(Tensor inputsEmbeds, Tensor attentionMask) {
        requireFits(inputsEmbeds, attentionMask);
        return Scopes.keep(() -> {
            var positions = positions(attentionMask); // (B, T)
            return finish(through(inputsEmbeds, positions, causal(attentionMask))); // (B, T, W)
        });
    }

    /**
     * Hidden states before each block, (B, T, D), and the output of {@link #forward}, (B, T, W); the caller's scope
     * owns them.
     */
    public List<Tensor> hiddenStates(Tensor inputsEmbeds, Tensor attentionMask) {
        requireFits(inputsEmbeds, attentionMask);
        var positions = positions(attentionMask); // (B, T)
        var attend = causal(attentionMask);
        var states = Scopes.trace(
                () -> embedWithPositions(inputsEmbeds, positions),
                layers,
                (layer, x) -> layer.forward(x, attend)); // (B, T, D) each
        int last = states.size() - 1;
        states.set(last, finish(states.get(last))); // (B, T, W)
        return states;
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return lmHead.forward(hidden);
    }

    @Override
    public OptDecoder decoder(Tensor inputsEmbeds, Tensor attentionMask) {
        return new OptDecoder(this, inputsEmbeds, attentionMask);
    }

    @Override
    public OptPrefix prefix(Tensor inputsEmbeds) {
        return new OptPrefix(this, inputsEmbeds);
    }

    @Override
    public int vocabSize() {
        return config.vocabSize();
    }

    @Override
    public int padTokenId() {
        return config.padTokenId();
    }

    /**
     * Word vectors, with their positions, through all blocks.
     *
     * @param x (B, T, W)
     * @param positions (B, T), int64, -1 for padding
     * @return (B, T, D)
     */
    Tensor through(Tensor x, Tensor positions, OptLayer.Attend attend) {
        return Scopes.through(() -> embedWithPositions(x, positions), layers, (layer, h) -> layer.forward(h, attend));
    }

    /**
     * Prefixes through all blocks, for what continues them.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens
     * @param cache receives the prefixes' keys and values
     * @return the hidden state that predicts the first token after each prefix, (B, W)
     */
    Tensor prefill(Tensor inputsEmbeds, Tensor attentionMask, KeyValueCache cache) {
        requireFits(inputsEmbeds, attentionMask);
        return Scopes.keep(() -> {
            var causal = causal(attentionMask);
            var x = through(inputsEmbeds, positions(attentionMask), (layer, q, k, v) -> {
                cache.append(layer, k.contiguous(), v.contiguous()); // (B, H, P, D/H) each
                return causal.apply(layer, q, k, v);
            }); // (B, P, D)
            return finish(x.narrow(1, x.size(1) - 1, 1)).squeeze(1); // (B, W)
        });
    }

    /** Attention of tokens to real tokens up to themselves. */
    private static OptLayer.Attend causal(Tensor attentionMask) {
        var mask = AdditiveMask.causal(attentionMask); // (B, 1, T, T)
        return (layer, q, k, v) -> Attention.attend(q, k, v, mask, 0);
    }

    /** Positions count real tokens only: 0, 1, ... for these, -1 for padding. */
    private static Tensor positions(Tensor attentionMask) {
        return attentionMask.cumsum(1).mul(attentionMask).sub(Tensors.scalar(1)); // (B, T)
    }

    private Tensor embedWithPositions(Tensor x, Tensor positions) {
        var projected = projectIn == null ? x : projectIn.forward(x); // (B, T, D)
        return projected.add(embedPositions.forward(positions.add(Tensors.scalar(POSITION_OFFSET)))); // (B, T, D)
    }

    /**
     * @param x (B, T, D)
     * @return (B, T, W)
     */
    Tensor finish(Tensor x) {
        var normed = finalLayerNorm == null ? x : finalLayerNorm.forward(x);
        return projectOut == null ? normed : projectOut.forward(normed); // (B, T, W)
    }

    void requireFits(Tensor inputsEmbeds, Tensor attentionMask) {
        long T = inputsEmbeds.size(1);
        if (attentionMask.size(1) != T) {
            throw new IllegalArgumentException(
                    "expected an attention mask over %d tokens, got %s".formatted(T, Tensors.shape(attentionMask)));
        }
        if (T > config.maxPositionEmbeddings()) {
            throw new IllegalArgumentException(
                    "expected at most %d tokens, got %d".formatted(config.maxPositionEmbeddings(), T));
        }
    }

    /** The shape. */
    public OptConfig config() {
        return config;
    }

    /** Normal with standard deviation 0.02, biases 0. */
    public void initialize() {
        try (var scope = new PointerScope()) {
            embedTokens.initializeNormal(INIT_STD);
            embedPositions.initializeNormal(INIT_STD);
            if (projectIn != null && projectOut != null) {
                projectIn.initializeNormal(INIT_STD);
                projectOut.initializeNormal(INIT_STD);
            }
            if (finalLayerNorm != null) {
                finalLayerNorm.initialize();
            }
            layers.forEach(layer -> layer.initialize(INIT_STD));
        }
    }
}
