package io.lavis4j.model.qformer;

import static org.bytedeco.pytorch.global.torch.gelu;

import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
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
        return decoder.forward(norm.forward(gelu(dense.forward(x))), bias);
    }

    @Override
    public void initializeNormal(double std) {
        Init.constant(bias, 0);
        super.initializeNormal(std);
    }
}
