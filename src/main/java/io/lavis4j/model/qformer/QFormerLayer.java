package io.lavis4j.model.qformer;

import static io.lavis4j.nn.Dropout.dropout;

import io.lavis4j.nn.Affine;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Activation;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** One post-norm layer: self-attention over all rows, then per kind of row. */
final class QFormerLayer extends Module {

    private final int index;
    private final double dropout;
    private final BertAttention attention;
    private final @Nullable BertAttention crossattention;
    private final @Nullable FeedForward text;
    private final FeedForward query;

    QFormerLayer(QFormerConfig config, int index, boolean withText) {
        this.index = index;
        this.dropout = config.dropout();
        attention = child("attention", new BertAttention(config, config.hiddenSize()));
        crossattention = config.crossAttends(index)
                ? child("crossattention", new BertAttention(config, config.encoderWidth()))
                : null;
        text = withText ? new FeedForward(config, "intermediate", "output") : null;
        query = new FeedForward(config, "intermediate_query", "output_query");
    }

    /**
     * @param x (B, Q + T, D)
     * @return (B, Q + T, D)
     */
    Tensor forward(Tensor x, QFormerInput in, @Nullable Tensor selfMask, @Nullable Tensor crossMask) {
        long Q = in.queryLength(), T = in.textLength();

        var y = attention.forward(x, x, null, selfMask, in);
        if (Q == 0) {
            return textRows(y);
        }
        var queries = y.narrow(1, 0, Q); // (B, Q, D)
        if (crossattention != null) {
            var image = in.encoderHiddenStates();
            if (image == null) {
                throw new IllegalArgumentException("queries need image tokens: encoderHiddenStates is missing");
            }
            queries = crossattention.forward(queries, image, in.encoderAffine(), crossMask, null);
        }
        queries = query.forward(queries);
        return T == 0 ? queries : Tensors.cat(1, queries, textRows(y.narrow(1, Q, T))); // (B, Q + T, D)
    }

    /** Of the queries of attention. */
    ScalarType dtype() {
        return Autocast.dtype(attention.queryProj.weight());
    }

    private Tensor textRows(Tensor x) {
        if (text == null) {
            throw new IllegalStateException("this Q-Former was built for queries only, it cannot read text");
        }
        return text.forward(x);
    }

    /** BERT's attention: keys and values from {@code width}-wide rows, output added to the input and normalised. */
    private final class BertAttention extends Module {

        private final Linear queryProj;
        private final Linear keyProj;
        private final Linear valueProj;
        private final Linear dense;
        private final LayerNorm norm;
        private final int numHeads;

        BertAttention(QFormerConfig config, int width) {
            int D = config.hiddenSize();
            queryProj = child("self.query", new Linear(D, D, true));
            keyProj = child("self.key", new Linear(width, D, true));
            valueProj = child("self.value", new Linear(width, D, true));
            dense = child("output.dense", new Linear(D, D, true));
            norm = child("output.LayerNorm", new LayerNorm(D, config.layerNormEps()));
            numHeads = config.numHeads();
        }

        /**
         * @param x (B, N, D)
         * @param attended (B, M, width)
         * @param affine what is still to be done to {@code attended}; {@code null} for nothing
         * @param cached the call whose cache new keys and values join; {@code null} for none
         * @return (B, N, D)
         */
        Tensor forward(
                Tensor x,
                Tensor attended,
                @Nullable Affine affine,
                @Nullable Tensor mask,
                @Nullable QFormerInput cached) {
            var q = Attention.splitHeads(queryProj.forward(x), numHeads); // (B, H, N, D/H)
            var k = Attention.splitHeads(keyProj.forwardAfter(affine, attended), numHeads); // (B, H, M, D/H)
            var v = Attention.splitHeads(valueProj.forwardAfter(affine, attended), numHeads);
            if (cached != null && cached.cache() != null) {
                var all = cached.cache().append(index, k, v);
                k = all.key();
                v = all.value();
            }
            var y = Attention.attend(q, k, v, mask, isTraining() ? dropout : 0); // (B, H, N, D/H)
            var out = dropout(dense.forward(Attention.joinHeads(y)), dropout, isTraining()); // (B, N, D)
            return norm.forward(out.add(x));
        }
    }

    /** BERT's feed-forward block; its two halves are children of the layer, as in the checkpoint. */
    private final class FeedForward {

        private final Linear up;
        private final Linear down;
        private final LayerNorm norm;

        FeedForward(QFormerConfig config, String intermediate, String output) {
            int D = config.hiddenSize();
            up = child(intermediate + ".dense", new Linear(D, config.intermediateSize(), true));
            down = child(output + ".dense", new Linear(config.intermediateSize(), D, true));
            norm = child(output + ".LayerNorm", new LayerNorm(D, config.layerNormEps()));
        }

        /**
         * @param x (B, N, D)
         * @return (B, N, D)
         */
        Tensor forward(Tensor x) {
            var y = dropout(down.forward(up.forward(x, Activation.GELU)), dropout, isTraining());
            return norm.forward(y.add(x));
        }
    }
}
