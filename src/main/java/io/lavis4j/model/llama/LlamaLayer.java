package io.lavis4j.model.llama;

import static org.bytedeco.pytorch.global.torch.silu;

import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.model.causal.CausalTransformer.Attend;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.RmsNorm;
import io.lavis4j.nn.RotaryEmbedding;
import io.lavis4j.tensor.Devices;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** One block: attention, then a feed-forward block with a gate (SwiGLU, arXiv:2002.05202), each after a norm. */
final class LlamaLayer extends Module implements CausalTransformer.Block {

    private final int index;
    private final int numHeads;
    private final int numKeyValueHeads;
    private final Linear qProj;
    private final Linear kProj;
    private final Linear vProj;
    private final Linear oProj;
    private final Linear gateProj;
    private final Linear downProj;
    private final Linear upProj;
    private final RmsNorm inputLayernorm;
    private final RmsNorm postAttentionLayernorm;

    LlamaLayer(LlamaConfig config, RotaryEmbedding rotary, int index) {
        int D = config.hiddenSize(), F = config.intermediateSize(), d = config.headDim();
        this.index = index;
        numHeads = config.numAttentionHeads();
        numKeyValueHeads = config.numKeyValueHeads();
        qProj = child("self_attn.q_proj", new Linear(D, (long) numHeads * d, false));
        kProj = child("self_attn.k_proj", new Linear(D, (long) numKeyValueHeads * d, false));
        vProj = child("self_attn.v_proj", new Linear(D, (long) numKeyValueHeads * d, false));
        oProj = child("self_attn.o_proj", new Linear((long) numHeads * d, D, false));
        // LAVIS's checkpoints have it; nothing is computed from it, there as here
        buffer(LlamaWeights.INV_FREQ, () -> rotary.inverseFrequencies(Devices.cpu()));
        gateProj = child("mlp.gate_proj", new Linear(D, F, false));
        downProj = child("mlp.down_proj", new Linear(F, D, false));
        upProj = child("mlp.up_proj", new Linear(D, F, false));
        inputLayernorm = child("input_layernorm", new RmsNorm(D, config.rmsNormEps()));
        postAttentionLayernorm = child("post_attention_layernorm", new RmsNorm(D, config.rmsNormEps()));
    }

    @Override
    public Tensor forward(Tensor x, Attend attend, UnaryOperator<Tensor> read) {
        var attended = attention(inputLayernorm.forward(x), attend, read);
        var y = oProj.addTo(read.apply(x), attended); // (..., D)
        return downProj.addTo(y, gated(postAttentionLayernorm.forward(y)));
    }

    private Tensor attention(Tensor x, Attend attend, UnaryOperator<Tensor> read) {
        var q = Attention.splitHeads(qProj.forward(x), numHeads); // (B, H, T, d)
        var k = Attention.splitHeads(kProj.forward(x), numKeyValueHeads); // (B, K, T, d)
        var v = Attention.splitHeads(vProj.forward(x), numKeyValueHeads);
        return read.apply(Attention.joinHeads(attend.apply(index, q, k, v))); // (B, T, D)
    }

    private Tensor gated(Tensor x) {
        return silu(gateProj.forward(x)).mul(upProj.forward(x)); // (..., F)
    }
}
