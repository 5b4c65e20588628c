package io.lavis4j.model.opt;

import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * OPT after one prefix that any number of known texts continue: the prefix is run once, and its keys and values are
 * read by all texts in place.
 *
 * <p>Where {@link OptDecoder} adds one token at a time to rows that are being written, this runs whole rows at once.
 */
public final class OptPrefix implements AutoCloseable {

    private final Opt opt;
    private final Tensor last;
    private final ScalarType dtype;
    private final long length;
    private final KeyValueCache cache = new KeyValueCache();

    /**
     * Runs the prefix.
     *
     * @param inputsEmbeds (1, P, W), without padding
     */
    public OptPrefix(Opt opt, Tensor inputsEmbeds) {
        this.opt = opt;
        dtype = Tensors.dtype(inputsEmbeds);
        length = inputsEmbeds.size(1);
        last = Scopes.retained(() -> {
            var attentionMask = ones(new long[] {1, length}, Tensors.options(inputsEmbeds.device(), ScalarType.Long));
            opt.requireFits(inputsEmbeds, attentionMask);
            var causal = Opt.causal(attentionMask);
            var x = opt.through(inputsEmbeds, OptMask.positions(attentionMask), (layer, q, k, v) -> {
                cache.append(layer, k.contiguous(), v.contiguous()); // (1, H, P, d)
                return causal.apply(layer, q, k, v);
            }); // (1, P, D)
            return opt.finish(x.narrow(1, length - 1, 1)).squeeze(1); // (1, W)
        });
    }

    /** The hidden state that predicts a text's first token, (1, W); owned by this prefix. */
    public Tensor last() {
        return last;
    }

    /**
     * Runs texts after the prefix. Texts of different lengths are padded on the right with any token: nothing that
     * stands before the padding sees it.
     *
     * @param ids (R, T), int64
     * @return hidden states after the last norm and projection, (R, T, W)
     * @throws IllegalArgumentException if prefix and texts are longer than the model's positions
     */
    public Tensor forward(Tensor ids) {
        long T = ids.size(1), most = opt.config().maxPositionEmbeddings();
        if (length + T > most) {
            throw new IllegalArgumentException(
                    "expected at most %d tokens, got %d and %d in front of them".formatted(most, T, length));
        }
        return Scopes.keep(() -> {
            var positions = Tensors.of(LongStream.range(length, length + T).toArray(), ids.device());
            var mask = Scopes.keep(() -> OptMask.causal(
                    ones(new long[] {1, T}, Tensors.options(ids.device(), ScalarType.Long)))); // (1, 1, T, T)
            var x = opt.through(
                    opt.embed(ids).to(dtype),
                    positions.unsqueeze(0),
                    (layer, q, k, v) -> attend(q, new KeyValueCache.Pair(k, v), cache.layer(layer), mask)); // (R, T, D)
            return opt.finish(x); // (R, T, W)
        });
    }

    /**
     * One softmax over the prefix and the row's own tokens.
     *
     * @param q (R, H, T, d)
     * @param own (R, H, T, d) each
     * @param prefix (1, H, P, d) each
     * @param mask additive, (1, 1, T, T)
     * @return (R, H, T, d)
     */
    private static Tensor attend(Tensor q, KeyValueCache.Pair own, KeyValueCache.Pair prefix, Tensor mask) {
        long R = q.size(0),
                H = q.size(1),
                T = q.size(2),
                d = q.size(3),
                P = prefix.key().size(2);
        var scaled = q.mul(new Scalar(1 / Math.sqrt(d)));

        var rows = scaled.transpose(1, 2).reshape(R * T, H, d).transpose(0, 1); // (H, R T, d)
        var prefixScores = matmul(rows, prefix.key().squeeze(0).transpose(1, 2)).view(H, R, T, P); // (H, R, T, P)
        var ownScores = matmul(scaled, own.key().transpose(2, 3))
                .add(mask.to(Tensors.dtype(prefixScores)))
                .transpose(0, 1); // (H, R, T, T)
        var weights = softmax(Tensors.cat(3, prefixScores, ownScores), 3, new ScalarTypeOptional(ScalarType.Float))
                .to(Tensors.dtype(own.value())); // (H, R, T, P + T)

        var fromPrefix = matmul(
                        weights.narrow(3, 0, P).reshape(H, R * T, P),
                        prefix.value().squeeze(0))
                .view(H, R, T, d)
                .transpose(0, 1); // (R, H, T, d)
        return matmul(weights.narrow(3, P, T).transpose(0, 1), own.value()).add(fromPrefix); // (R, H, T, d)
    }

    @Override
    public void close() {
        last.close();
        cache.close();
    }
}
