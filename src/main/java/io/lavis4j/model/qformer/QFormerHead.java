package io.lavis4j.model.qformer;

import io.lavis4j.nn.ChunkedCrossEntropy;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Activation;
import org.bytedeco.pytorch.Tensor;

/** BERT's language-model head; the decoder's weight is the word table. */
final class QFormerHead extends Module {

    private final Tensor bias;
    private final Linear dense;
    private final LayerNorm norm;
    private final Linear decoder;

    QFormerHead(QFormerConfig config, Tensor wordTable) {
        int D = config.hiddenSize();
        bias = parameter("bias", config.vocabSize());
        dense = child("transform.dense", new Linear(D, D, true));
        norm = child("transform.LayerNorm", new LayerNorm(D, config.layerNormEps()));
        decoder = child("decoder", new Linear(wordTable));
        parameter("decoder.bias", bias);
    }

    /**
     * @param x (B, T, D)
     * @return (B, T, V)
     */
    Tensor forward(Tensor x) {
        return decoder.forward(transform(x), bias);
    }

    private Tensor transform(Tensor x) {
        return norm.forward(dense.forward(x, Activation.GELU));
    }

    /**
     * Mean cross-entropy of words.
     *
     * @param x (n, D), each before its word
     * @param targets (n), int64
     * @param smoothing of the targets
     * @return scalar, float32
     */
    Tensor loss(Tensor x, Tensor targets, double smoothing) {
        return ChunkedCrossEntropy.mean(
                transform(x), new ChunkedCrossEntropy.Head(decoder.weight(), bias), targets, smoothing);
    }

    @Override
    public void initializeNormal(double std) {
        Init.constant(bias, 0);
        super.initializeNormal(std);
    }
}
