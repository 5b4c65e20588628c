package io.lavis4j.estimate;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;

/**
 * A vision encoder's pre-norm blocks.
 *
 * @param numbers of its arithmetic
 * @param tokens of all images of the batch
 * @param tokensPerImage N + 1
 * @param width D
 * @param hidden width inside the MLP, F
 * @param heads H
 * @param blocks L
 * @param keptInMlp results of width F that backward needs: of GELU two, of QuickGELU three
 * @param madeInMlp results of width F in all: of GELU two, of QuickGELU four
 */
record VisionActivations(
        Numbers numbers,
        long tokens,
        long tokensPerImage,
        int width,
        int hidden,
        int heads,
        int blocks,
        int keptInMlp,
        int madeInMlp)
        implements Activations {

    /** @throws IllegalArgumentException for an encoder of another kind */
    static VisionActivations of(VisionEncoderConfig config, Numbers numbers, long images) {
        if (config instanceof EvaVitConfig eva) {
            long N = 1 + (long) eva.grid() * eva.grid();
            return new VisionActivations(
                    numbers, images * N, N, eva.embedDim(), eva.mlpHidden(), eva.numHeads(), eva.depth(), 2, 2);
        }
        if (config instanceof ClipVitConfig clip) {
            long N = 1 + (long) clip.grid() * clip.grid();
            return new VisionActivations(
                    numbers, images * N, N, clip.width(), 4 * clip.width(), clip.heads(), clip.layers(), 3, 4);
        }
        throw new IllegalArgumentException("expected an EVA or CLIP vision encoder, got " + config);
    }

    /** Of each block both norms' inputs, q, k, v, the inputs of four layers, and what is inside the MLP. */
    @Override
    public long kept() {
        long r = numbers.result();
        long perToken = width * (2L * Numbers.FLOAT + 3 * r + 3 * r)
                + hidden * r * keptInMlp
                + heads * tokensPerImage * numbers.keptWeight();
        return blocks * tokens * perToken;
    }

    /** Of each block its input, where blocks are recomputed. */
    long inputs() {
        return blocks * tokens * width * numbers.stream();
    }

    /** Of each block the product before its activation, where it is not recomputed. */
    long products() {
        return blocks * tokens * hidden * numbers.result();
    }

    /** All that one block makes, with its input, in a copy in 16 bits the input of a layer too. */
    @Override
    public long passing() {
        long r = numbers.result();
        int results = numbers.onePass() ? 4 : 6; // q, k, v, what attention makes of them, and two before their sums
        long perToken = width * (3L * numbers.stream() + 2L * numbers.norm() + results * r + numbers.cast())
                + hidden * r * numbers.results(madeInMlp)
                + heads * tokensPerImage * numbers.madeWeight();
        return tokens * perToken;
    }
}
