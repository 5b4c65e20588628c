package io.lavis4j.model.t5;

import static io.lavis4j.nn.Dropout.dropout;

import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.Module;
import io.lavis4j.nn.RmsNorm;
import io.lavis4j.tensor.Scopes;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Encoder or decoder: blocks that share one table of position biases, and a norm. */
final class T5Stack extends Module {

    private static final List<String> ENCODER = List.of("SelfAttention");
    private static final List<String> DECODER = List.of("SelfAttention", "EncDecAttention");

    private final T5Config config;
    private final RelativePositionBias bias;
    private final List<T5Block> blocks;
    private final RmsNorm finalLayerNorm;

    private T5Stack(T5Config config, Embedding words, List<String> attentions, int numBlocks) {
        this.config = config;
        child("embed_tokens", new Embedding(words.weight()));
        blocks = IntStream.range(0, numBlocks)
                .mapToObj(i -> child("block." + i, new T5Block(config, i, attentions)))
                .toList();
        bias = child(
                "block.0.layer.0.SelfAttention.relative_attention_bias",
                new RelativePositionBias(config, attentions.equals(ENCODER)));
        finalLayerNorm = child("final_layer_norm", new RmsNorm(config.dModel(), config.layerNormEpsilon()));
    }

    static T5Stack encoder(T5Config config, Embedding words) {
        return new T5Stack(config, words, ENCODER, config.numLayers());
    }

    static T5Stack decoder(T5Config config, Embedding words) {
        return new T5Stack(config, words, DECODER, config.numDecoderLayers());
    }

    /**
     * Word vectors through all blocks.
     *
     * @param x (R, T, D)
     * @param seen by each attention of a block
     * @return (R, T, D)
     */
    Tensor forward(Tensor x, List<Seen> seen) {
        var states = Scopes.through(() -> dropped(x), blocks, (block, h) -> block.forward(h, seen)); // (R, T, D)
        return dropped(finalLayerNorm.forward(states));
    }

    /** In a tensor of its own. */
    private Tensor dropped(Tensor x) {
        return dropout(x, config.dropoutRate(), isTraining());
    }

    /** The biases of the next {@code queries} tokens after {@code past} others, (1, H, T, past + T). */
    Tensor bias(long past, long queries) {
        return bias.forward(past, queries);
    }

    List<T5Block> blocks() {
        return blocks;
    }
}
