package io.lavis4j.model.opt;

import static io.lavis4j.nn.Dropout.dropout;

import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.model.causal.CausalTransformer.Attend;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Activation;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * One block: causal attention and a ReLU feed-forward block, each with a norm before it or, in post-norm models, after.
 */
final class OptLayer extends Module implements CausalTransformer.Block {

    static final double LAYER_NORM_EPS = 1e-5;

    private final int index;
    private final boolean normBefore;
    private final double dropout;
    private final int numHeads;
    private final Linear kProj;
    private final Linear vProj;
    private final Linear qProj;
    private final Linear outProj;
    private final LayerNorm selfAttnLayerNorm;
    private final Linear fc1;
    private final Linear fc2;
    private final LayerNorm finalLayerNorm;

    OptLayer(OptConfig config, int index) {
        int D = config.hiddenSize();
        this.index = index;
        normBefore = config.doLayerNormBefore();
        dropout = config.dropout();
        numHeads = config.numAttentionHeads();
        kProj = child("self_attn.k_proj", new Linear(D, D, true));
        vProj = child("self_attn.v_proj", new Linear(D, D, true));
        qProj = child("self_attn.q_proj", new Linear(D, D, true));
        outProj = child("self_attn.out_proj", new Linear(D, D, true));
        selfAttnLayerNorm = child("self_attn_layer_norm", new LayerNorm(D, LAYER_NORM_EPS));
        fc1 = child("fc1", new Linear(D, config.ffnDim(), true));
        fc2 = child("fc2", new Linear(config.ffnDim(), D, true));
        finalLayerNorm = child("final_layer_norm", new LayerNorm(D, LAYER_NORM_EPS));
    }

    @Override
    public Tensor forward(Tensor x, Attend attend, UnaryOperator<Tensor> read) {
        var y = residual(x, selfAttnLayerNorm, h -> attention(h, attend, read), outProj, read); // (..., D)
        return residual(
                y, finalLayerNorm, h -> fc1.forward(h, Activation.RELU), fc2, UnaryOperator.identity()); // (..., D)
    }

    private Tensor residual(
            Tensor x, LayerNorm norm, UnaryOperator<Tensor> branch, Linear last, UnaryOperator<Tensor> read) {
        var h = branch.apply(normBefore ? norm.forward(x) : x);
        var kept = read.apply(x);
        var y = isTraining() && dropout > 0 ? kept.add(dropout(last.forward(h), dropout, true)) : last.addTo(kept, h);
        return normBefore ? y : norm.forward(y);
    }

    private Tensor attention(Tensor x, Attend attend, UnaryOperator<Tensor> read) {
        var q = Attention.splitHeads(qProj.forward(x), numHeads); // (B, H, T, D/H)
        var k = Attention.splitHeads(kProj.forward(x), numHeads);
        var v = Attention.splitHeads(vProj.forward(x), numHeads);
        return read.apply(Attention.joinHeads(attend.apply(index, q, k, v))); // (B, T, D)
    }
}
