package io.lavis4j.model.t5;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.full;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * T5 with its language-model head. The encoder takes word vectors, so that other vectors can stand before a text's
 * words; the decoder takes ids.
 *
 * <p>Difference from LAVIS: generation keeps keys and values, where LAVIS decodes all tokens again for each new one.
 */
public final class T5 extends Module {

    private final T5Config config;
    private final Embedding shared;
    private final T5Stack encoder;
    private final T5Stack decoder;
    private final Linear lmHead;

    /** A model with unset parameters, float32. */
    public T5(T5Config config) {
        this.config = config;
        shared = child("shared", new Embedding(config.vocabSize(), config.dModel()));
        encoder = child("encoder", T5Stack.encoder(config, shared));
        decoder = child("decoder", T5Stack.decoder(config, shared));
        lmHead = child(
                "lm_head",
                config.tieWordEmbeddings()
                        ? new Linear(shared.weight())
                        : new Linear(config.dModel(), config.vocabSize(), false));
    }

    /**
     * Word vectors.
     *
     * @param ids int64, any shape
     * @return (..., D)
     */
    public Tensor embed(Tensor ids) {
        return shared.forward(ids);
    }

    /**
     * The encoder. Distances between tokens count, not positions, so the states of real tokens are the same wherever
     * padding stands around them; those of padding have no meaning.
     *
     * @param inputsEmbeds (B, P, D)
     * @param attentionMask (B, P), int64, 1 for real tokens
     * @return (B, P, D)
     */
    public Tensor encode(Tensor inputsEmbeds, Tensor attentionMask) {
        long P = inputsEmbeds.size(1);
        requireTokens(attentionMask, P);
        return Scopes.keep(() -> {
            var mask = fused(encoder.bias(0, P).add(AdditiveMask.padding(attentionMask))); // (B, H, P, P)
            return encoder.forward(inputsEmbeds, List.of(Seen.themselves(mask)));
        });
    }

    /**
     * The decoder over whole rows, where a token attends to tokens up to itself and to its sample's encoded ones:
     * padding on the right is seen by padding alone.
     *
     * @param ids (R, T), int64, as {@link #shiftRight} makes them
     * @param encoded (B, P, D); row r of R belongs to sample {@code r / (R / B)}
     * @param attentionMask (B, P), int64, 1 for real tokens
     * @return hidden states after the last norm, (R, T, D)
     */
    public Tensor decode(Tensor ids, Tensor encoded, Tensor attentionMask) {
        long T = ids.size(1);
        requireTokens(attentionMask, encoded.size(1));
        return Scopes.keep(() -> {
            var own = decoder.bias(0, T).add(AdditiveMask.causal(T, ids.device())); // (1, H, T, T)
            var others = AdditiveMask.padding(attentionMask); // (B, 1, 1, P)
            return decoder.forward(
                    embed(ids), List.of(Seen.themselves(fused(own)), Seen.others(encoded, fused(others))));
        });
    }

    private static void requireTokens(Tensor mask, long tokens) {
        require(mask.size(1) == tokens, "expected a mask over %d tokens, got %s", tokens, Tensors.shape(mask));
    }

    /**
     * The ids that the decoder reads to write others: the start, then all but the last.
     *
     * @param ids (R, T), int64
     * @return (R, T)
     */
    public Tensor shiftRight(Tensor ids) {
        var start = full(
                new long[] {ids.size(0), 1},
                Tensors.scalar((long) config.decoderStartTokenId()),
                Tensors.options(ids.device(), ScalarType.Long)); // (R, 1)
        return Tensors.cat(1, start, ids.narrow(1, 0, ids.size(1) - 1)); // (R, T)
    }

    /**
     * Scores of the next word.
     *
     * @param hidden (..., D)
     * @return (..., V)
     */
    public Tensor logits(Tensor hidden) {
        double scale = Math.pow(config.dModel(), -0.5);
        return lmHead.forward(config.tieWordEmbeddings() ? hidden.mul(Tensors.scalar(scale)) : hidden);
    }

    /**
     * Generation from samples, each of which the encoder has read once when this returns.
     *
     * @param inputsEmbeds (B, P, D)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    public Decoder decoder(Tensor inputsEmbeds, Tensor attentionMask) {
        try (var scope = new PointerScope()) {
            return new T5Decoder(this, encode(inputsEmbeds, attentionMask), attentionMask);
        }
    }

    /** A mask as all blocks read it. */
    Tensor fused(Tensor mask) {
        return AdditiveMask.fused(mask, lmHead.dtype());
    }

    T5Stack decoderStack() {
        return decoder;
    }

    /** The shape. */
    public T5Config config() {
        return config;
    }

    /**
     * Stores the parameters in another type. As in Hugging Face's class, fp16 leaves the last matrix of each
     * feed-forward block in float32, where the published models leave the range of fp16.
     */
    public void store(ScalarType dtype) {
        to(dtype);
        if (dtype == ScalarType.Half) {
            to(ScalarType.Float, name -> name.endsWith(".wo.weight"));
        }
    }

    /** Normal, words with standard deviation 1, matrices by their widths (arXiv:1910.10683, section 3.1.2); norms 1. */
    @Override
    public void initialize() {
        shared.initializeNormal(1);
        encoder.initialize();
        decoder.initialize();
        lmHead.initializeNormal(1);
    }
}
