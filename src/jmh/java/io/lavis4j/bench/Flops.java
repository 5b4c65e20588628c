package io.lavis4j.bench;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;

/**
 * Floating-point operations of one sample, by formula.
 *
 * <p>Counted are matrix products, 2mnk each: linear layers, the patch embedding, and attention's two products, in full
 * under a causal mask too. Backward of a product is twice its forward, one product for each factor's gradient; a layer
 * of which only one factor has a gradient counts once: frozen weights, and the patch embedding, whose input is the
 * image. Norms, activations, softmax, dropout, table look-ups, the loss and the optimizer count as nothing.
 *
 * @param forward of the model's output or loss
 * @param backward of all gradients that training needs
 * @param recomputed forward a second time under gradient checkpointing; time spent, not work done
 */
record Flops(double forward, double backward, double recomputed) {

    /** Both factors have a gradient. */
    private static Flops trained(double rows, double in, double out) {
        double product = 2 * rows * in * out;
        return new Flops(product, 2 * product, 0);
    }

    /** One factor has a gradient. */
    private static Flops half(double rows, double in, double out) {
        double product = 2 * rows * in * out;
        return new Flops(product, product, 0);
    }

    /**
     * Scores and weighted sum of {@code rows} queries over {@code keys} keys, all heads together {@code width} wide.
     */
    private static Flops attention(double rows, double keys, double width) {
        return trained(rows, keys, width).times(2);
    }

    /** A ViT, the gradients of all its parameters, and every block once more if it is recomputed. */
    static Flops of(EvaVitConfig c) {
        return vit(c.grid(), c.patchSize(), c.embedDim(), c.mlpHidden(), c.depth());
    }

    /** A ViT, the gradients of all its parameters, and every block once more if it is recomputed. */
    static Flops of(ClipVitConfig c) {
        return vit(c.grid(), c.patchSize(), c.width(), 4 * c.width(), c.layers());
    }

    private static Flops vit(int grid, int patch, int D, int mlp, int depth) {
        double N = (double) grid * grid + 1;
        var block = trained(N, D, 3.0 * D)
                .plus(attention(N, N, D))
                .plus(trained(N, D, D))
                .plus(trained(N, D, mlp).times(2));
        return half(N - 1, 3.0 * patch * patch, D)
                .plus(new Flops(block.forward, block.backward, block.forward).times(depth));
    }

    /** Queries over {@code N} image tokens; gradients of all parameters and of the image tokens. */
    static Flops of(QFormerConfig c, double N) {
        double Q = c.numQueries(), D = c.hiddenSize();
        int crossing = (c.numLayers() + c.crossAttentionFreq() - 1) / c.crossAttentionFreq();
        var layer = trained(Q, D, D)
                .times(4)
                .plus(attention(Q, Q, D))
                .plus(trained(Q, D, c.intermediateSize()).times(2));
        var cross = trained(Q, D, D)
                .times(2)
                .plus(trained(N, c.encoderWidth(), D).times(2))
                .plus(attention(Q, N, D));
        return layer.times(c.numLayers()).plus(cross.times(crossing));
    }

    /** Frozen OPT: {@code rows} tokens that see {@code keys} each, and scores for {@code predicted} of them. */
    private static Flops of(OptConfig c, double rows, double keys, double predicted) {
        double D = c.hiddenSize();
        var layer = half(rows, D, D)
                .times(4)
                .plus(attention(rows, keys, D))
                .plus(half(rows, D, c.ffnDim()).times(2));
        return layer.times(c.numHiddenLayers()).plus(half(predicted, D, c.vocabSize()));
    }

    /** A training step on a text of {@code T} tokens, every one of them a target. */
    static Flops training(Size size, TrainingBenchmark.Vit vit, double T) {
        var encoder = of(size.evaVit());
        double Q = size.qformer().numQueries();
        var seeing = switch (vit) {
            case CACHED -> new Flops(0, 0, 0);
            case FROZEN -> new Flops(encoder.forward, 0, 0);
            case TRAINED -> new Flops(encoder.forward, encoder.backward, 0);
            case CHECKPOINTED -> encoder;
        };
        return seeing.plus(of(size.qformer(), size.imageTokens()))
                .plus(trained(Q, size.qformer().hiddenSize(), size.opt().hiddenSize()))
                .plus(of(size.opt(), Q + T, Q + T, T));
    }

    /** Captions of {@code tokens} tokens each by {@code beams} beams, without a prompt. */
    static Flops generation(Size size, long beams, long tokens) {
        double Q = size.qformer().numQueries();
        double prefix = Q + 1;
        var total = new Flops(of(size.evaVit()).forward(), 0, 0)
                .plus(of(size.qformer(), size.imageTokens()))
                .plus(trained(Q, size.qformer().hiddenSize(), size.opt().hiddenSize()))
                .plus(of(size.opt(), prefix, prefix, 1));
        for (long own = 1; own < tokens; own++) { // the first token comes from the prefix
            total = total.plus(of(size.opt(), beams, prefix + own, beams));
        }
        return total;
    }

    /** An image, and {@code texts} texts after it that have {@code tokens} tokens together, all predicted. */
    static Flops scoring(Size size, long texts, long tokens) {
        double Q = size.qformer().numQueries(), prefix = Q + 1;
        return new Flops(of(size.evaVit()).forward(), 0, 0)
                .plus(of(size.qformer(), size.imageTokens()))
                .plus(trained(Q, size.qformer().hiddenSize(), size.opt().hiddenSize()))
                .plus(of(size.opt(), prefix, prefix, 1))
                .plus(of(size.opt(), tokens, prefix + (double) tokens / texts, tokens));
    }

    private Flops plus(Flops other) {
        return new Flops(forward + other.forward, backward + other.backward, recomputed + other.recomputed);
    }

    private Flops times(double count) {
        return new Flops(forward * count, backward * count, recomputed * count);
    }
}
