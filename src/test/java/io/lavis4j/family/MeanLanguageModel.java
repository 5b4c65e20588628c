package io.lavis4j.family;

import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.generate.Decoder;
import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A language model that knows of a text the mean of its words: a throw-away, to see what a family needs. */
final class MeanLanguageModel extends Module implements CausalLanguageModel {

    private static final double STD = 0.5;

    private final Embedding words;
    private final Linear proj;
    private final int vocabSize;

    MeanLanguageModel(int vocabSize, int width) {
        this.vocabSize = vocabSize;
        words = child("words", new Embedding(vocabSize, width));
        proj = child("proj", new Linear(width, width, true));
    }

    @Override
    public Tensor embed(Tensor ids) {
        return words.forward(ids);
    }

    @Override
    public Tensor forward(Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        var mask = attentionMask == null
                ? inputsEmbeds.narrow(2, 0, 1).mul(Tensors.scalar(0)).add(Tensors.scalar(1))
                : attentionMask.unsqueeze(2).to(ScalarType.Float); // (B, T, 1)
        var sums = inputsEmbeds.mul(mask).cumsum(1); // (B, T, W)
        var counts = mask.cumsum(1).clamp_min(Tensors.scalar(1)); // (B, T, 1)
        return proj.forward(sums.div(counts)).tanh(); // (B, T, W)
    }

    @Override
    public Tensor logits(Tensor hidden) {
        return hidden.matmul(words.weight().t()); // (..., V)
    }

    @Override
    public Decoder decoder(Tensor inputsEmbeds, @Nullable Tensor attentionMask) {
        long[] shape = {inputsEmbeds.size(0), inputsEmbeds.size(1)};
        return new MeanDecoder(
                this,
                inputsEmbeds,
                attentionMask == null
                        ? ones(shape, Tensors.options(inputsEmbeds.device(), ScalarType.Long))
                        : attentionMask);
    }

    @Override
    public Prefix prefix(Tensor inputsEmbeds) {
        throw new IllegalStateException("this family scores no texts");
    }

    @Override
    public int vocabSize() {
        return vocabSize;
    }

    @Override
    public int padTokenId() {
        return 1;
    }

    @Override
    public void initialize() {
        words.initializeNormal(STD);
        proj.initializeNormal(STD);
    }

    /** Runs every row from its start, at each step. */
    private static final class MeanDecoder implements Decoder {

        private final MeanLanguageModel model;
        private final long samples;
        private Tensor embeds;
        private Tensor mask;

        MeanDecoder(MeanLanguageModel model, Tensor embeds, Tensor mask) {
            this.model = model;
            this.embeds = Scopes.retained(() -> new Tensor(embeds));
            this.mask = Scopes.retained(() -> new Tensor(mask));
            samples = embeds.size(0);
        }

        private Tensor last() {
            var hidden = model.forward(embeds, mask); // (R, T, W)
            return model.logits(hidden.select(1, hidden.size(1) - 1)); // (R, V)
        }

        @Override
        public Tensor prefill() {
            return Scopes.keep(this::last);
        }

        @Override
        public Tensor step(long[] tokens) {
            return Scopes.keep(() -> {
                long repeats = embeds.size(0) == samples ? tokens.length / samples : 1;
                var ids = Tensors.of(tokens, embeds.device()).unsqueeze(1); // (R, 1)
                var rows = embeds.repeat_interleave(repeats, new org.bytedeco.pytorch.LongOptional(0), null);
                embeds = Scopes.retained(() -> Tensors.cat(1, rows, model.embed(ids)));
                var masks = mask.repeat_interleave(repeats, new org.bytedeco.pytorch.LongOptional(0), null);
                mask = Scopes.retained(
                        () -> Tensors.cat(1, masks, ids.ge(Tensors.scalar(0)).to(ScalarType.Long)));
                return last();
            });
        }

        @Override
        public void reorder(long[] rows) {
            var index = Tensors.of(rows, embeds.device());
            embeds = Scopes.retained(() -> embeds.index_select(0, index));
            mask = Scopes.retained(() -> mask.index_select(0, index));
        }

        @Override
        public void close() {
            embeds.close();
            mask.close();
        }
    }
}
