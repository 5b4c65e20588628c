package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.CausalText.Learned;
import io.lavis4j.model.blip2.CausalText.TokenLoss;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.ChunkedCrossEntropy;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * T5 after query outputs: its encoder reads them and an input after them, its decoder writes an output.
 *
 * <p>Difference from LAVIS: query outputs may have 16 bits, as mixed precision of a run makes them; LAVIS's are fp16
 * then, which its class cannot join with T5's bf16 word vectors.
 *
 * <p>Dimensions: B samples, Q queries, P = Q + input tokens, R outputs, R/B neighbouring ones for each sample, T output
 * tokens, W width of T5, V vocabulary.
 */
final class FrozenT5 extends FrozenLanguageModel<T5> {

    /** Rows that are padded and not cut. */
    static final EncodeOptions PADDED = EncodeOptions.plain().padded(new Padding.Longest(), Side.RIGHT);

    /** How inputs and outputs are cut where they are learned. */
    final EncodeOptions inputs, outputs;

    /**
     * T5 with unset parameters.
     *
     * @param inputs how inputs are cut where they are learned
     * @param outputs how outputs are
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model
     */
    FrozenT5(T5Config config, Tokenizer tokenizer, EncodeOptions inputs, EncodeOptions outputs) {
        super("t5", new T5(config), config.dModel(), tokenizer);
        this.inputs = inputs;
        this.outputs = outputs;
        require(
                tokenizer.vocabSize() <= config.vocabSize(),
                "the tokenizer has %d tokens, T5's word table %d; expected a tokenizer.json and a config.json of one T5 model",
                tokenizer.vocabSize(),
                config.vocabSize());
    }

    /**
     * What the encoder has read.
     *
     * @param states (B, P, W)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    record Encoded(Tensor states, Tensor attentionMask) {}

    @Override
    TokenLoss loss(Texts texts) {
        requireAnswers(texts);
        var input = tokenizer.encode(texts.input(), inputs);
        var output = targets(texts.output(), outputs).weighted(texts.weights());
        return new TokenLoss(output.targets().length, output.weight(), device -> {
            var read = TextTokens.of(input, device);
            var learned = Learned.of(output, device);
            return queries -> learned.loss(hidden(encode(queries, read), learned), model::logits);
        });
    }

    /** Outputs of which all tokens are targets, the end too. */
    Labelled targets(List<String> texts, EncodeOptions options) {
        return Labelled.from(tokenizer.encode(texts, options), 0, model.config().padTokenId());
    }

    /**
     * Reads inputs.
     *
     * @param queries (B, Q, W)
     * @param input B rows
     */
    Encoded encode(Tensor queries, TextTokens input) {
        var mask = CausalText.mask(queries, input.mask()); // (B, P)
        return new Encoded(model.encode(prepend(queries, input.ids()), mask), mask);
    }

    /** Query outputs and word vectors, (B, P, W), float32: the encoder adds to them in this type, as in LAVIS. */
    Tensor prepend(Tensor queries, Tensor ids) {
        var words = model.embed(ids); // (B, P - Q, W)
        return Tensors.cat(1, queries.to(ScalarType.Float), words.to(ScalarType.Float)); // (B, P, W)
    }

    /** Words are scored only where one is a target, (targets, W). */
    private Tensor hidden(Encoded encoded, Learned output) {
        var hidden = model.decode(model.shiftRight(output.ids()), encoded.states(), encoded.attentionMask())
                .flatten(0, 1); // (R T, W)
        return hidden.index_select(0, output.positions());
    }

    /** With the decoder's start at the beginning of each row, which is not among the new tokens. */
    @Override
    long[][] generate(Tensor queries, List<String> prompts, GenerationConfig generation) {
        var config = model.config();
        var input = TextTokens.of(tokenizer.encode(prompts, PADDED), queries.device());
        long[][] start = new long[prompts.size()][];
        Arrays.fill(start, new long[] {config.decoderStartTokenId()});
        var mask = CausalText.mask(queries, input.mask()); // (B, P)
        try (var decoder = model.decoder(prepend(queries, input.ids()), mask)) {
            return Generation.generate(
                    decoder,
                    start,
                    generation.withMaxLength(generation.maxLength() + 1),
                    new EndTokens(config.eosTokenId(), config.padTokenId()));
        }
    }

    /** White space around a text stays, as in the reference. */
    @Override
    String decode(long[] ids) {
        return tokenizer.decode(ids);
    }

    @Override
    Likelihoods learned(String prompt, List<String> texts, int textsPerBatch) {
        return likelihoods(tokenizer.encode(List.of(prompt), inputs), texts, outputs, textsPerBatch);
    }

    /** The end of a candidate counts. */
    @Override
    Likelihoods candidates(String prompt, List<String> texts, int textsPerBatch) {
        return likelihoods(tokenizer.encode(List.of(prompt), PADDED), texts, PADDED, textsPerBatch);
    }

    private Likelihoods likelihoods(
            BatchEncoding prompt, List<String> texts, EncodeOptions options, int textsPerBatch) {
        CausalRows.requireTexts(texts.size(), textsPerBatch);
        var batches = new ArrayList<Labelled>();
        for (int start = 0; start < texts.size(); start += textsPerBatch) {
            batches.add(targets(texts.subList(start, Math.min(texts.size(), start + textsPerBatch)), options));
        }
        return new Outputs(this, prompt, batches);
    }

    /** Outputs after one prompt, which is read once for all of them. */
    private record Outputs(FrozenT5 language, BatchEncoding prompt, List<Labelled> batches) implements Likelihoods {

        @Override
        public double[] sums(Tensor queries) {
            var encoded = language.encode(queries, TextTokens.of(prompt, queries.device()));
            return batches.stream()
                    .flatMapToDouble(batch -> Arrays.stream(sums(encoded, batch)))
                    .toArray();
        }

        private double[] sums(Encoded encoded, Labelled batch) {
            double[] sums = new double[batch.ids().length];
            try (var scope = new PointerScope()) {
                var learned = Learned.of(batch, encoded.states().device());
                float[] losses = Tensors.floats(ChunkedCrossEntropy.perRow(
                        language.hidden(encoded, learned), language.model::logits, learned.targets()));
                for (int i = 0; i < losses.length; i++) {
                    sums[batch.row(i)] -= losses[i];
                }
            }
            return sums;
        }

        @Override
        public int[] counts() {
            return batches.stream()
                    .flatMapToInt(batch -> Arrays.stream(batch.counts()))
                    .toArray();
        }
    }
}
