package io.lavis4j.bench;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;

/**
 * Shapes that are measured together.
 *
 * @param qformer reads the tokens of {@code evaVit}
 */
record Size(EvaVitConfig evaVit, ClipVitConfig clipVit, QFormerConfig qformer, OptConfig opt) {

    /**
     * A size by name: small takes a fraction of a second per step on two cores, base has twelve layers of width 768
     * everywhere (ViT-B, BERT-base, OPT-125m), full is the published model (ViT-g or ViT-L, OPT-2.7b).
     */
    static Size of(String name) {
        return switch (name) {
            case "small" ->
                new Size(
                        new EvaVitConfig(112, 14, 384, 4, 6, 1536, 0, 1e-6),
                        new ClipVitConfig(112, 14, 384, 4, 6),
                        new QFormerConfig(32, 384, 4, 6, 1536, 2, 384, 30523, 512, 1e-12, 0.1),
                        new OptConfig(4096, 384, 4, 6, 1536, 512, 384, true, false, 0.1, 1, 2, 2));
            case "base" ->
                new Size(
                        new EvaVitConfig(224, 14, 768, 12, 12, 3072, 0, 1e-6),
                        new ClipVitConfig(224, 14, 768, 12, 12),
                        QFormerConfig.bertBase(32, 768),
                        OptConfig.published("opt-125m"));
            case "full" ->
                new Size(
                        EvaVitConfig.giant(224, 0),
                        ClipVitConfig.large(224),
                        QFormerConfig.bertBase(32, 1408),
                        OptConfig.published("opt-2.7b"));
            default ->
                throw new IllegalArgumentException("unknown size \"" + name + "\", expected small, base or full");
        };
    }

    /** Tokens of {@code evaVit}, the class token included. */
    long imageTokens() {
        return (long) evaVit.grid() * evaVit.grid() + 1;
    }
}
