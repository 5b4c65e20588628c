package io.lavis4j.bench;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.model.t5.T5Config.DenseActFn;

/**
 * Shapes that are measured together.
 *
 * @param qformer reads the tokens of {@code evaVit}
 */
record Size(
        EvaVitConfig evaVit,
        ClipVitConfig clipVit,
        QFormerConfig qformer,
        OptConfig opt,
        LlamaConfig llama,
        T5Config t5) {

    /**
     * A size by name: small takes a fraction of a second per step on two cores, base has twelve layers of width 768
     * everywhere (ViT-B, BERT-base, OPT-125m, T5-base), full is the published model (ViT-g or ViT-L, OPT-2.7b, Vicuna
     * 7B or Flan-T5 XL).
     */
    static Size of(String name) {
        return switch (name) {
            case "small" ->
                new Size(
                        new EvaVitConfig(112, 14, 384, 4, 6, 1536, 0, 1e-6),
                        new ClipVitConfig(112, 14, 384, 4, 6),
                        new QFormerConfig(32, 384, 4, 6, 1536, 2, 384, 30523, 512, 1e-12, 0.1),
                        new OptConfig(4096, 384, 4, 6, 1536, 512, 384, true, false, 0.1, 1, 2, 2),
                        new LlamaConfig(4096, 384, 1024, 4, 6, 6, 64, 512, 1e-6, 10000, false, 0, 1, 2),
                        t5(4096, 384, 1024, 4, 6));
            case "base" ->
                new Size(
                        new EvaVitConfig(224, 14, 768, 12, 12, 3072, 0, 1e-6),
                        new ClipVitConfig(224, 14, 768, 12, 12),
                        QFormerConfig.bertBase(32, 768),
                        OptConfig.published("opt-125m"),
                        new LlamaConfig(32000, 768, 2048, 12, 12, 12, 64, 2048, 1e-6, 10000, false, 0, 1, 2),
                        t5(32128, 768, 2048, 12, 12));
            case "full" ->
                new Size(
                        EvaVitConfig.giant(224, 0),
                        ClipVitConfig.large(224),
                        QFormerConfig.bertBase(32, 1408),
                        OptConfig.published("opt-2.7b"),
                        LlamaConfig.vicuna7b(),
                        T5Config.flanT5Xl());
            default ->
                throw new IllegalArgumentException("unknown size \"" + name + "\", expected small, base or full");
        };
    }

    private static T5Config t5(int words, int D, int inner, int layers, int heads) {
        return new T5Config(
                words, D, 64, inner, layers, layers, heads, 32, 128, 0.1, 1e-6, DenseActFn.GELU_NEW, false, 0, 1, 0);
    }

    /** The same with images of another side, pixels. */
    Size seeing(int pixels) {
        var eva = evaVit;
        return new Size(
                new EvaVitConfig(
                        pixels,
                        eva.patchSize(),
                        eva.embedDim(),
                        eva.depth(),
                        eva.numHeads(),
                        eva.mlpHidden(),
                        eva.dropPathRate(),
                        eva.layerNormEps()),
                new ClipVitConfig(pixels, clipVit.patchSize(), clipVit.width(), clipVit.layers(), clipVit.heads()),
                qformer,
                opt,
                llama,
                t5);
    }

    /** Tokens of {@code evaVit}, the class token included. */
    long imageTokens() {
        return (long) evaVit.grid() * evaVit.grid() + 1;
    }
}
