package io.lavis4j.model.opt;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.generate.Decoder;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * OPT as generation sees it: keys and values of the B prefixes once, and of each row's own tokens.
 *
 * <p>A row attends to its sample's prefix and to its own tokens in one softmax; the prefix is never copied per row.
 */
public final class OptDecoder implements Decoder {

    private static final int GROWTH = 32;

    private final Opt opt;
    private final Tensor inputsEmbeds;
    private final Tensor attentionMask;
    private final long samples;
    private final Tensor prefixMask;
    private final long[] prefixLengths;
    private final List<Layer> layers = new ArrayList<>();
    private long generated;

    /**
     * A decoder over prefixes; it keeps the two tensors until it is closed.
     *
     * @param inputsEmbeds (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    public OptDecoder(Opt opt, Tensor inputsEmbeds, Tensor attentionMask) {
        opt.requireFits(inputsEmbeds, attentionMask);
        this.opt = opt;
        this.inputsEmbeds = Scopes.retained(() -> new Tensor(inputsEmbeds));
        this.attentionMask = Scopes.retained(() -> new Tensor(attentionMask));
        this.samples = inputsEmbeds.size(0);
        this.prefixMask = Scopes.retained(() -> OptMask.prefix(attentionMask));
        this.prefixLengths = Tensors.longs(Scopes.keep(() -> attentionMask.sum(1)));
        for (int i = 0; i < opt.config().numHiddenLayers(); i++) {
            layers.add(new Layer());
        }
    }

    @Override
    public Tensor prefill() {
        return Scopes.keep(() -> {
            var causal = Opt.causal(attentionMask);
            var x = opt.through(inputsEmbeds, OptMask.positions(attentionMask), (layer, q, k, v) -> {
                layers.get(layer).keepPrefix(k, v);
                return causal.apply(layer, q, k, v);
            }); // (B, P, D)
            var last = x.narrow(1, x.size(1) - 1, 1); // (B, 1, D)
            return opt.logits(opt.finish(last)).squeeze(1); // (B, V)
        });
    }

    /** The prefix's keys and values in a block, (B, H, P, d) each; owned by this decoder. */
    KeyValueCache.Pair prefixOfLayer(int index) {
        var layer = layers.get(index);
        if (layer.prefixKey == null || layer.prefixValue == null) {
            throw new IllegalStateException("before prefill there are no keys");
        }
        return new KeyValueCache.Pair(layer.prefixKey, layer.prefixValue);
    }

    @Override
    public Tensor step(long[] tokens) {
        return Scopes.keep(() -> {
            var device = inputsEmbeds.device();
            long R = tokens.length, perSample = R / samples;
            long[] positions = new long[tokens.length];
            Arrays.setAll(positions, r -> prefixLengths[(int) (r / perSample)] + generated);

            var ids = Tensors.of(tokens, device).unsqueeze(1); // (R, 1)
            var x = opt.through(
                    opt.embed(ids).to(Tensors.dtype(inputsEmbeds)),
                    Tensors.of(positions, device).unsqueeze(1),
                    (layer, q, k, v) -> layers.get(layer).attend(q, k, v)); // (R, 1, D)
            generated++;
            return opt.logits(opt.finish(x)).squeeze(1); // (R, V)
        });
    }

    @Override
    public void reorder(long[] rows) {
        try (var scope = new PointerScope()) {
            var index = Tensors.of(rows, inputsEmbeds.device());
            layers.forEach(layer -> layer.reorder(index));
        }
    }

    @Override
    public void close() {
        layers.forEach(Layer::close);
        layers.clear();
        prefixMask.close();
        inputsEmbeds.close();
        attentionMask.close();
    }

    /** One block's keys and values: of the prefix (B, H, P, d), of the rows' own tokens (R, H, capacity, d). */
    private final class Layer {

        private @Nullable Tensor prefixKey;
        private @Nullable Tensor prefixValue;
        private @Nullable Tensor ownKey;
        private @Nullable Tensor ownValue;

        void keepPrefix(Tensor k, Tensor v) {
            prefixKey = Scopes.retained(k::contiguous);
            prefixValue = Scopes.retained(v::contiguous);
        }

        /**
         * @param q (R, H, 1, d)
         * @param k (R, H, 1, d)
         * @param v (R, H, 1, d)
         * @return (R, H, 1, d)
         */
        Tensor attend(Tensor q, Tensor k, Tensor v) {
            if (prefixKey == null || prefixValue == null) {
                throw new IllegalStateException("a step before prefill");
            }
            long R = q.size(0), H = q.size(1), d = q.size(3), P = prefixKey.size(2), perSample = R / samples;
            long T = generated + 1;
            ownKey = write(ownKey, k);
            ownValue = write(ownValue, v);
            var keys = ownKey.narrow(2, 0, T); // (R, H, T, d)
            var values = ownValue.narrow(2, 0, T);

            var scaled = q.mul(new Scalar(1 / Math.sqrt(d)));
            var bySample = scaled.view(samples, perSample, H, d).transpose(1, 2); // (B, H, R/B, d)
            var prefixScores = matmul(bySample, prefixKey.transpose(2, 3)).add(prefixMask); // (B, H, R/B, P)
            var ownScores = matmul(scaled, keys.transpose(2, 3)); // (R, H, 1, T)
            var scores =
                    Tensors.cat(3, prefixScores.transpose(1, 2).reshape(R, H, 1, P), ownScores); // (R, H, 1, P + T)
            var weights =
                    softmax(scores, 3, new ScalarTypeOptional(ScalarType.Float)).to(Tensors.dtype(q));

            var prefixWeights =
                    weights.narrow(3, 0, P).view(samples, perSample, H, P).transpose(1, 2); // (B, H, R/B, P)
            var fromPrefix = matmul(prefixWeights, prefixValue) // (B, H, R/B, d)
                    .transpose(1, 2)
                    .reshape(R, H, 1, d);
            return fromPrefix.add(matmul(weights.narrow(3, P, T), values)); // (R, H, 1, d)
        }

        /** Writes the newest token's rows after the others, in a buffer that grows by whole blocks. */
        private Tensor write(@Nullable Tensor buffer, Tensor newest) {
            var target = buffer != null && generated < buffer.size(2) ? buffer : grow(buffer, newest);
            target.narrow(2, generated, 1).copy_(newest);
            return target;
        }

        private Tensor grow(@Nullable Tensor buffer, Tensor like) {
            long R = like.size(0), H = like.size(1), d = like.size(3);
            var grown = Scopes.retained(() -> {
                var fresh = empty(
                        new long[] {R, H, generated + GROWTH, d},
                        Tensors.options(like.device(), Tensors.dtype(like)),
                        null);
                if (buffer != null) {
                    fresh.narrow(2, 0, generated).copy_(buffer.narrow(2, 0, generated));
                }
                return fresh;
            });
            if (buffer != null) {
                buffer.close();
            }
            return grown;
        }

        void reorder(Tensor index) {
            gather(ownKey, index);
            gather(ownValue, index);
        }

        private void gather(@Nullable Tensor buffer, Tensor index) {
            if (buffer != null) {
                var used = buffer.narrow(2, 0, generated);
                used.copy_(used.index_select(0, index));
            }
        }

        void close() {
            for (var tensor : new Tensor[] {prefixKey, prefixValue, ownKey, ownValue}) {
                if (tensor != null) {
                    tensor.close();
                }
            }
        }
    }
}
