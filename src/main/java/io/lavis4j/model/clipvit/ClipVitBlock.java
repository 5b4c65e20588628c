package io.lavis4j.model.clipvit;

import io.lavis4j.nn.Attention;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Activation;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** One pre-norm block: attention with packed input projection, then an MLP with QuickGELU. */
final class ClipVitBlock extends Module implements UnaryOperator<Tensor> {

    private final MultiheadAttention attn;
    private final LayerNorm ln1;
    private final Linear fc;
    private final Linear proj;
    private final LayerNorm ln2;

    ClipVitBlock(int D, int heads) {
        attn = child("attn", new MultiheadAttention(D, heads));
        ln1 = child("ln_1", new LayerNorm(D, 1e-5));
        fc = child("mlp.c_fc", new Linear(D, 4L * D, true));
        proj = child("mlp.c_proj", new Linear(4L * D, D, true));
        ln2 = child("ln_2", new LayerNorm(D, 1e-5));
    }

    /**
     * @param x (B, N, D)
     * @return (B, N, D)
     */
    @Override
    public Tensor apply(Tensor x) {
        var y = attn.outProj.addTo(x, attn.forward(ln1.forward(x)));
        return proj.addLastTo(y, fc.forward(ln2.forward(y), Activation.QUICK_GELU));
    }

    /** PyTorch's {@code nn.MultiheadAttention} over all tokens. */
    static final class MultiheadAttention extends Module {

        private final Tensor inProjWeight;
        private final Tensor inProjBias;
        private final Linear outProj;
        private final int numHeads;

        MultiheadAttention(int D, int numHeads) {
            inProjWeight = parameter("in_proj_weight", 3L * D, D);
            inProjBias = parameter("in_proj_bias", 3L * D);
            outProj = child("out_proj", new Linear(D, D, true));
            this.numHeads = numHeads;
        }

        /**
         * @param x (B, N, D)
         * @return (B, N, D), to which {@code outProj} is still to be applied
         */
        Tensor forward(Tensor x) {
            var qkv = Linear.apply(x, inProjWeight, inProjBias); // (B, N, 3 D)
            return Attention.attendPacked(qkv, numHeads); // (B, N, D)
        }

        @Override
        public void initialize() {
            Init.uniform(inProjWeight, Math.sqrt(6.0 / (4 * inProjWeight.size(1)))); // Xavier
            Init.constant(inProjBias, 0);
            outProj.initialize();
        }
    }
}
