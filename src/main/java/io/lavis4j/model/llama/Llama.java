package io.lavis4j.model.llama;

import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.RmsNorm;
import io.lavis4j.nn.RotaryEmbedding;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * LLaMA with its language-model head.
 *
 * <p>Difference from LAVIS: positions count real tokens only, in training as in generation, where LAVIS's training
 * counts padding too. Rotary positions matter by their distances alone, so scores of real tokens are the same whether
 * padding stands before or after them, which are the only places where LAVIS has it; those of padding have no meaning.
 */
public final class Llama extends Module implements CausalTransformer {

    static final double INIT_STD = 0.02;

    private final LlamaConfig config;
    private final RotaryEmbedding rotary;
    private final Embedding embedTokens;
    private final List<LlamaLayer> layers;
    private final RmsNorm norm;
    private final Linear lmHead;

    /** A model with unset parameters, float32. */
    public Llama(LlamaConfig config) {
        this.config = config;
        rotary = new RotaryEmbedding(config.headDim(), config.ropeTheta());
        embedTokens = child("model.embed_tokens", new Embedding(config.vocabSize(), config.hiddenSize()));
        layers = IntStream.range(0, config.numHiddenLayers())
                .mapToObj(i -> child("model.layers." + i, new LlamaLayer(config, rotary, i)))
                .toList();
        norm = child("model.norm", new RmsNorm(config.hiddenSize(), config.rmsNormEps()));
        lmHead = child(
                "lm_head",
                config.tieWordEmbeddings()
                        ? new Linear(embedTokens.weight())
                        : new Linear(config.hiddenSize(), config.vocabSize(), false));
    }

    @Override
    public Tensor embed(Tensor ids) {
        return embedTokens.forward(ids);
    }

    @Override
    public List<? extends Block> blocks() {
        return layers;
    }

    @Override
    public Attend positioned(Attend attend, Tensor positions) {
        var rotation = rotary.at(positions, lmHead.dtype());
        return (layer, q, k, v) -> attend.apply(layer, rotation.of(q), rotation.of(k), v);
    }

    @Override
    public Tensor finish(Tensor x) {
        return norm.forward(x);
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return lmHead.forward(hidden);
    }

    @Override
    public LlamaConfig config() {
        return config;
    }

    /** Normal with standard deviation 0.02, norms 1. */
    @Override
    public void initialize() {
        initializeNormal(INIT_STD);
    }
}
