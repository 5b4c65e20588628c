package io.lavis4j.model.t5;

import static io.lavis4j.nn.Dropout.dropout;
import static org.bytedeco.pytorch.global.torch.gelu;

import io.lavis4j.model.t5.T5Config.DenseActFn;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.RmsNorm;
import org.bytedeco.pytorch.Tensor;

/** A feed-forward block with a gate (GEGLU, arXiv:2002.05202) after a norm, with the way around it. */
final class T5FeedForward extends Module {

    private final T5Config config;
    private final Linear wi0;
    private final Linear wi1;
    private final Linear wo;
    private final RmsNorm layerNorm;

    T5FeedForward(T5Config config) {
        int D = config.dModel(), F = config.dFf();
        this.config = config;
        wi0 = child("DenseReluDense.wi_0", new Linear(D, F, false));
        wi1 = child("DenseReluDense.wi_1", new Linear(D, F, false));
        wo = child("DenseReluDense.wo", new Linear(F, D, false));
        layerNorm = child("layer_norm", new RmsNorm(D, config.layerNormEpsilon()));
    }

    /**
     * Runs the sublayer.
     *
     * @param x (R, T, D)
     * @return (R, T, D)
     */
    Tensor forward(Tensor x) {
        var normed = layerNorm.forward(x);
        var gated = activation(wi0.forward(normed)).mul(wi1.forward(normed)); // (R, T, F)
        return T5Block.residual(x, wo.forward(dropout(gated, config.dropoutRate(), isTraining())), this, config);
    }

    private Tensor activation(Tensor x) {
        return config.denseActFn() == DenseActFn.GELU ? gelu(x) : gelu(x, "tanh");
    }

    @Override
    public void initialize() {
        double perModel = Math.pow(config.dModel(), -0.5);
        wi0.initializeNormal(perModel);
        wi1.initializeNormal(perModel);
        wo.initializeNormal(Math.pow(config.dFf(), -0.5));
        layerNorm.initialize();
    }
}
