package io.lavis4j.bench;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Precision;

/**
 * Floating-point operations, and bytes that have to move between memory and processor, by formula.
 *
 * <p>Operations are those of matrix products, 2mnk each: linear layers, the patch embedding, and attention's two
 * products, in full under a causal mask too. Backward of a product is twice its forward, one product for each factor's
 * gradient; a layer of which only one factor has a gradient counts once: frozen weights, and the patch embedding, whose
 * input is the image. Norms, activations, softmax, dropout, table look-ups, the loss and the optimizer count as
 * nothing.
 *
 * <p>Bytes are those of the matrices, which are read in each pass, of the gradients of trained ones, which are written,
 * and of the keys and values that a decoded token reads. Activations count as nothing: a cache may hold them.
 *
 * @param flops operations of all samples
 * @param bytes in each pass
 * @param trained numbers in matrices that an optimizer changes
 */
record Cost(Passes flops, Passes bytes, double trained) {

    private static final Passes NONE = new Passes(0, 0, 0);

    /** Seven numbers of four bytes move for each that AdamW changes: four are read, three of them written. */
    private static final double ADAMW = 7.0 * Float.BYTES;

    /**
     * Amounts of the passes of a training step.
     *
     * @param forward of the model's output or loss
     * @param backward of all gradients that training needs
     * @param recomputed forward a second time under gradient checkpointing; time spent, not work done
     */
    record Passes(double forward, double backward, double recomputed) {

        double total() {
            return forward + backward + recomputed;
        }

        private Passes plus(Passes other) {
            return new Passes(forward + other.forward, backward + other.backward, recomputed + other.recomputed);
        }

        private Passes times(double count) {
            return new Passes(forward * count, backward * count, recomputed * count);
        }

        private Passes recomputing() {
            return new Passes(forward, backward, forward);
        }

        private Passes forwardAlone() {
            return new Passes(forward, 0, 0);
        }
    }

    /** A matrix is trained, and its input has a gradient. */
    private static Cost trained(double rows, double in, double out, Precision stored) {
        double product = 2 * rows * in * out, matrix = bytes(stored) * in * out;
        return new Cost(new Passes(product, 2 * product, 0), new Passes(matrix, 2 * matrix, 0), in * out);
    }

    /** A matrix is frozen, and its input has a gradient. */
    private static Cost frozen(double rows, double in, double out, Precision stored) {
        double product = 2 * rows * in * out, matrix = bytes(stored) * in * out;
        return new Cost(new Passes(product, product, 0), new Passes(matrix, matrix, 0), 0);
    }

    /**
     * Scores and weighted sum of {@code rows} queries over {@code keys} keys, all heads together {@code width} wide.
     */
    private static Cost attention(double rows, double keys, double width) {
        double product = 2 * rows * keys * width;
        return new Cost(new Passes(2 * product, 4 * product, 0), NONE, 0);
    }

    private static double bytes(Precision stored) {
        return stored == Precision.FP32 ? Float.BYTES : Short.BYTES;
    }

    /** A ViT on an image, the gradients of all its parameters, and every block once more if it is recomputed. */
    static Cost of(EvaVitConfig c, Precision stored) {
        return vit(c.grid(), c.patchSize(), c.embedDim(), c.mlpHidden(), c.depth(), stored);
    }

    /** A ViT on an image, the gradients of all its parameters, and every block once more if it is recomputed. */
    static Cost of(ClipVitConfig c, Precision stored) {
        return vit(c.grid(), c.patchSize(), c.width(), 4 * c.width(), c.layers(), stored);
    }

    private static Cost vit(int grid, int patch, int D, int mlp, int depth, Precision stored) {
        double N = (double) grid * grid + 1;
        var block = trained(N, D, 3.0 * D, stored)
                .plus(attention(N, N, D))
                .plus(trained(N, D, D, stored))
                .plus(trained(N, D, mlp, stored).times(2));
        double patches = 3.0 * patch * patch;
        var embedding = frozen(N - 1, patches, D, stored).plus(new Cost(NONE, NONE, patches * D));
        return embedding.plus(
                new Cost(block.flops.recomputing(), block.bytes.recomputing(), block.trained).times(depth));
    }

    /** Queries over {@code N} image tokens; gradients of all parameters and of the image tokens. */
    static Cost of(QFormerConfig c, double N, Precision stored) {
        double Q = c.numQueries(), D = c.hiddenSize();
        int crossing = (c.numLayers() + c.crossAttentionFreq() - 1) / c.crossAttentionFreq();
        var layer = trained(Q, D, D, stored)
                .times(4)
                .plus(attention(Q, Q, D))
                .plus(trained(Q, D, c.intermediateSize(), stored).times(2));
        var cross = trained(Q, D, D, stored)
                .times(2)
                .plus(trained(N, c.encoderWidth(), D, stored).times(2))
                .plus(attention(Q, N, D));
        return layer.times(c.numLayers()).plus(cross.times(crossing));
    }

    /** Blocks of a frozen OPT: {@code rows} tokens that see {@code keys} each. */
    static Cost of(OptConfig c, double rows, double keys, Precision stored) {
        return optBlock(c, rows, rows, keys, stored).times(c.numHiddenLayers());
    }

    /** Keys and values of {@code rows} tokens, and the rest of {@code read} of them. */
    private static Cost optBlock(OptConfig c, double rows, double read, double keys, Precision stored) {
        double D = c.hiddenSize();
        return frozen(rows, D, D, stored)
                .times(2)
                .plus(frozen(read, D, D, stored).times(2))
                .plus(attention(read, keys, D))
                .plus(frozen(read, D, c.ffnDim(), stored).times(2));
    }

    /** Blocks of a frozen LLaMA: {@code rows} tokens that see {@code keys} each. */
    static Cost of(LlamaConfig c, double rows, double keys, Precision stored) {
        double D = c.hiddenSize(), heads = (double) c.numAttentionHeads() * c.headDim();
        double shared = (double) c.numKeyValueHeads() * c.headDim();
        return frozen(rows, D, heads, stored)
                .times(2)
                .plus(frozen(rows, D, shared, stored).times(2))
                .plus(attention(rows, keys, heads))
                .plus(frozen(rows, D, c.intermediateSize(), stored).times(3))
                .times(c.numHiddenLayers());
    }

    /** The encoder of a frozen T5 over {@code P} tokens, and the keys and values that its decoder makes of them. */
    static Cost encoder(T5Config c, double P, Precision stored) {
        double D = c.dModel(), heads = (double) c.numHeads() * c.dKv();
        return t5Block(c, P, P, stored)
                .times(c.numLayers())
                .plus(frozen(P, D, heads, stored).times(2.0 * c.numDecoderLayers()));
    }

    /**
     * The decoder of a frozen T5: {@code rows} tokens that see {@code keys} of their own and {@code P} of the encoder.
     */
    static Cost decoder(T5Config c, double rows, double keys, double P, Precision stored) {
        double D = c.dModel(), heads = (double) c.numHeads() * c.dKv();
        return t5Block(c, rows, keys, stored)
                .plus(frozen(rows, D, heads, stored).times(2))
                .plus(attention(rows, P, heads))
                .times(c.numDecoderLayers());
    }

    private static Cost t5Block(T5Config c, double rows, double keys, Precision stored) {
        double D = c.dModel(), heads = (double) c.numHeads() * c.dKv();
        return frozen(rows, D, heads, stored)
                .times(4)
                .plus(attention(rows, keys, heads))
                .plus(frozen(rows, D, c.dFf(), stored).times(3));
    }

    /** Scores of all words for {@code rows} tokens. */
    static Cost words(double rows, double D, double V, Precision stored) {
        return frozen(rows, D, V, stored);
    }

    /** Keys and values of {@code keys} tokens in as many {@code layers}, all heads together {@code width} wide. */
    static Cost kept(double keys, double width, double layers, Precision stored) {
        return new Cost(NONE, new Passes(2 * keys * width * layers * bytes(stored), 0, 0), 0);
    }

    /** A frozen OPT with its scores: in the last block all but keys and values is of {@code predicted} tokens alone. */
    private static Cost opt(Size size, double rows, double keys, double predicted, Precision stored) {
        var c = size.opt();
        return optBlock(c, rows, rows, keys, stored)
                .times(c.numHiddenLayers() - 1.0)
                .plus(optBlock(c, rows, predicted, keys, stored))
                .plus(words(predicted, c.hiddenSize(), c.vocabSize(), stored));
    }

    /** The Q-Former and the layer after it, which are trained in float32. */
    private static Cost bridge(Size size) {
        double Q = size.qformer().numQueries();
        return of(size.qformer(), size.imageTokens(), Precision.FP32)
                .plus(trained(Q, size.qformer().hiddenSize(), size.opt().hiddenSize(), Precision.FP32));
    }

    /** A training step on {@code B} images, each with a text of {@code T} tokens, every one of them a target. */
    static Cost training(Size size, TrainingBenchmark.Vit vit, double B, double T, Precision stored) {
        double Q = size.qformer().numQueries();
        var model = bridge(size).plus(opt(size, Q + T, Q + T, T, stored));
        var encoder = of(size.evaVit(), vit.isFrozen() ? stored : Precision.FP32);
        var step = switch (vit) {
            case CACHED -> model;
            case FROZEN -> model.plus(encoder.forwardAlone());
            case TRAINED -> model.plus(encoder.withoutRecomputation());
            case CHECKPOINTED, SELECTIVE -> model.plus(encoder);
        };
        return step.samples(B).plus(new Cost(NONE, new Passes(0, ADAMW * step.trained, 0), 0));
    }

    /** Captions of {@code B} images, {@code tokens} tokens each by {@code beams} beams, without a prompt. */
    static Cost generation(Size size, double B, long beams, long tokens, Precision stored) {
        double prefix = size.qformer().numQueries() + 1.0;
        var c = size.opt();
        var total = of(size.evaVit(), stored)
                .plus(bridge(size))
                .plus(opt(size, prefix, prefix, 1, stored))
                .samples(B);
        for (long own = 1; own < tokens; own++) { // the first token comes from the prefix
            total = total.plus(opt(size, beams, prefix + own, beams, stored).samples(B))
                    .plus(kept(B * (prefix + beams * own), c.hiddenSize(), c.numHiddenLayers(), stored));
        }
        return total.forwardAlone();
    }

    /** An image, and {@code texts} texts after it that have {@code tokens} tokens together, all predicted. */
    static Cost scoring(Size size, long texts, long tokens, Precision stored) {
        double prefix = size.qformer().numQueries() + 1.0;
        return of(size.evaVit(), stored)
                .plus(bridge(size))
                .plus(opt(size, prefix, prefix, 1, stored))
                .plus(opt(size, tokens, prefix + (double) tokens / texts, tokens, stored))
                .forwardAlone();
    }

    /** The same for as many samples, which read the matrices together. */
    Cost samples(double count) {
        return new Cost(flops.times(count), bytes, trained);
    }

    Cost plus(Cost other) {
        return new Cost(flops.plus(other.flops), bytes.plus(other.bytes), trained + other.trained);
    }

    private Cost times(double count) {
        return new Cost(flops.times(count), bytes.times(count), trained * count);
    }

    private Cost forwardAlone() {
        return new Cost(flops.forwardAlone(), bytes.forwardAlone(), 0);
    }

    private Cost withoutRecomputation() {
        return new Cost(
                new Passes(flops.forward, flops.backward, 0), new Passes(bytes.forward, bytes.backward, 0), trained);
    }
}
