package io.lavis4j.model.t5;

import io.lavis4j.nn.Attention;
import io.lavis4j.nn.KeyValueCache.Pair;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.RmsNorm;
import org.bytedeco.pytorch.Tensor;

/** Attention after a norm, with the way around it; scores are not scaled, and nothing has a bias. */
final class T5Attention extends Module {

    private final T5Config config;
    private final int block;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear o;
    private final RmsNorm layerNorm;

    /**
     * A sublayer with unset parameters.
     *
     * @param block index of its block
     * @param name of the attention in checkpoints
     */
    T5Attention(T5Config config, int block, String name) {
        long D = config.dModel(), inner = (long) config.numHeads() * config.dKv();
        this.config = config;
        this.block = block;
        q = child(name + ".q", new Linear(D, inner, false));
        k = child(name + ".k", new Linear(D, inner, false));
        v = child(name + ".v", new Linear(D, inner, false));
        o = child(name + ".o", new Linear(inner, D, false));
        layerNorm = child("layer_norm", new RmsNorm(D, config.layerNormEpsilon()));
    }

    /**
     * Runs the sublayer. Rows of one sample read its keys together, so these are never copied per row.
     *
     * @param x (R, T, D)
     * @return (R, T, D)
     */
    Tensor forward(Tensor x, Seen seen) {
        long R = x.size(0), T = x.size(1), inner = (long) config.numHeads() * config.dKv();
        var normed = layerNorm.forward(x);
        var keys = seen.keys().of(block, this, normed); // (B, H, M, d) each
        long B = keys.key().size(0);
        var queries = heads(q.forward(normed).view(B, R / B * T, inner)); // (B, H, R/B T, d)
        var y = Attention.attendUnscaled(
                queries, keys.key(), keys.value(), seen.mask(), isTraining() ? config.dropoutRate() : 0);
        return T5Block.residual(x, o.forward(Attention.joinHeads(y)).view(R, T, x.size(2)), this, config);
    }

    /**
     * Keys and values of states.
     *
     * @param x (B, M, D)
     */
    Pair keysAndValues(Tensor x) {
        return new Pair(heads(k.forward(x)), heads(v.forward(x))); // (B, H, M, d) each
    }

    private Tensor heads(Tensor x) {
        return Attention.splitHeads(x, config.numHeads());
    }

    @Override
    public void initialize() {
        double perModel = Math.pow(config.dModel(), -0.5);
        q.initializeNormal(perModel * Math.pow(config.dKv(), -0.5));
        k.initializeNormal(perModel);
        v.initializeNormal(perModel);
        o.initializeNormal(Math.pow(config.numHeads() * (double) config.dKv(), -0.5));
        layerNorm.initialize();
    }
}
