package io.lavis4j.model.t5;

import static io.lavis4j.nn.Dropout.dropout;
import static org.bytedeco.pytorch.global.torch.where;

import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One block: attention to the stack's own tokens, in the decoder to the encoder's too, and a feed-forward block. */
final class T5Block extends Module {

    /** Bound of states that have overflowed: the largest number of fp16, less what later sums may add. */
    private static final double CLAMPED = 65504 - 1000;

    private final List<T5Attention> attentions;
    private final T5FeedForward feedForward;

    /**
     * A block with unset parameters.
     *
     * @param attentions their names, in their order
     */
    T5Block(T5Config config, int index, List<String> attentions) {
        var layers = new ArrayList<T5Attention>();
        for (String name : attentions) {
            layers.add(child("layer." + layers.size(), new T5Attention(config, index, name)));
        }
        this.attentions = List.copyOf(layers);
        feedForward = child("layer." + layers.size(), new T5FeedForward(config));
    }

    /**
     * Runs the block.
     *
     * @param x (R, T, D)
     * @param seen by each attention
     * @return (R, T, D)
     */
    Tensor forward(Tensor x, List<Seen> seen) {
        var y = x;
        for (int i = 0; i < attentions.size(); i++) {
            y = attentions.get(i).forward(y, seen.get(i));
        }
        return feedForward.forward(y);
    }

    /** The states with what a sublayer adds; fp16 ones that overflow are cut off below its largest number. */
    static Tensor residual(Tensor x, Tensor added, Module layer, T5Config config) {
        var y = x.add(dropout(added, config.dropoutRate(), layer.isTraining()));
        if (Tensors.dtype(y) != ScalarType.Half) {
            return y;
        }
        var clamped = y.clamp_min(Tensors.scalar(-CLAMPED)).clamp_max(Tensors.scalar(CLAMPED));
        return where(y.isinf().any(), clamped, y);
    }

    /** The attention to the encoder's tokens, in a decoder. */
    T5Attention crossAttention() {
        return attentions.get(1);
    }
}
