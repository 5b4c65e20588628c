package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.tensor.Precision;

/**
 * Shape and behaviour of BLIP-2's first stage.
 *
 * @param blip2 everything but the heads; texts are cut at its {@code maxTxtLen} tokens
 * @param embedDim width of the features that are compared, E
 * @param precision what a GPU computes in: everything with {@code run.amp}, else the vision encoder alone
 */
public record Blip2QformerConfig(Blip2Config blip2, int embedDim, Precision precision) {

    /** Width of the published models' features. */
    public static final int EMBED_DIM = 256;

    public Blip2QformerConfig {
        require(embedDim >= 1, "embedDim must be at least 1, got %s", embedDim);
    }
}
