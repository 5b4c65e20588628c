package io.lavis4j.model.evavit;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import io.lavis4j.nn.Attention;
import io.lavis4j.nn.DropPath;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Activation;
import io.lavis4j.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** One pre-norm block: attention with biases on q and v only, then an MLP with the exact GELU. */
final class EvaVitBlock extends Module implements UnaryOperator<Tensor> {

    private final LayerNorm norm1;
    private final SelfAttention attn;
    private final LayerNorm norm2;
    private final Linear fc1;
    private final Linear fc2;
    private final double dropPath;

    EvaVitBlock(EvaVitConfig config, double dropPath) {
        int D = config.embedDim();
        norm1 = child("norm1", new LayerNorm(D, config.layerNormEps()));
        attn = child("attn", new SelfAttention(D, config.numHeads()));
        norm2 = child("norm2", new LayerNorm(D, config.layerNormEps()));
        fc1 = child("mlp.fc1", new Linear(D, config.mlpHidden(), true));
        fc2 = child("mlp.fc2", new Linear(config.mlpHidden(), D, true));
        this.dropPath = dropPath;
    }

    /**
     * @param x (B, N, D)
     * @return (B, N, D)
     */
    @Override
    public Tensor apply(Tensor x) {
        boolean drops = isTraining() && dropPath > 0;
        var h = attn.forward(norm1.forward(x)); // (B, N, D)
        var y = drops ? x.add(dropPath(attn.proj.forward(h))) : attn.proj.addTo(x, h);
        var hidden = fc1.forward(norm2.forward(y), Activation.GELU); // (B, N, mlpHidden)
        return drops ? y.add(dropPath(fc2.forwardLast(hidden))) : fc2.addLastTo(y, hidden);
    }

    private Tensor dropPath(Tensor branch) {
        return DropPath.apply(branch, dropPath, true);
    }

    /** Truncated normal; the branches' last layers are scaled down with the block's index. */
    void initialize(int index) {
        attn.initialize();
        norm1.initialize();
        norm2.initialize();
        fc1.initializeTruncatedNormal(0.02);
        fc2.initializeTruncatedNormal(0.02);
        var scale = Tensors.scalar(1 / Math.sqrt(2.0 * (index + 1)));
        try (var noGrad = new NoGradGuard()) {
            attn.proj.weight().mul_(scale);
            fc2.weight().mul_(scale);
        }
    }

    /** Attention over all tokens; the fused bias is (q_bias, 0, v_bias). */
    static final class SelfAttention extends Module {

        private final Tensor qBias;
        private final Tensor vBias;
        private final Linear qkv;
        private final Linear proj;
        private final int numHeads;

        SelfAttention(int D, int numHeads) {
            qBias = parameter("q_bias", D);
            vBias = parameter("v_bias", D);
            qkv = child("qkv", new Linear(D, 3L * D, false));
            proj = child("proj", new Linear(D, D, true));
            this.numHeads = numHeads;
        }

        /**
         * @param x (B, N, D)
         * @return (B, N, D), to which {@code proj} is still to be applied
         */
        Tensor forward(Tensor x) {
            var bias = Tensors.cat(0, qBias, zeros_like(vBias), vBias); // (3 D)
            return Attention.attendPacked(qkv.forward(x, bias), numHeads); // (B, N, D)
        }

        @Override
        public void initialize() {
            Init.constant(qBias, 0);
            Init.constant(vBias, 0);
            qkv.initializeTruncatedNormal(0.02);
            proj.initializeTruncatedNormal(0.02);
        }
    }
}
