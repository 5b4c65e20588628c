package io.lavis4j.model.blip2;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Texts of T5: the encoder reads query outputs and an input after them, the decoder writes an output.
 *
 * <p>Dimensions: B samples, Q queries, P = Q + input tokens, R outputs, R/B neighbouring ones for each sample, T output
 * tokens, D width of T5, V vocabulary.
 */
record T5Text(T5 model) {

    /**
     * What the encoder has read.
     *
     * @param states (B, P, D)
     * @param attentionMask (B, P), int64, 1 for real tokens
     */
    record Encoded(Tensor states, Tensor attentionMask) {}

    /**
     * Texts to learn.
     *
     * @param input B rows
     * @param output B rows, all of whose tokens are targets
     */
    record Labelled(BatchEncoding input, CausalText.Labelled output) {}

    /** Outputs of which all tokens are targets, the end too. */
    CausalText.Labelled targets(BatchEncoding output) {
        return CausalText.Labelled.from(output, 0, model.config().padTokenId());
    }

    /**
     * Mean cross-entropy of the targets.
     *
     * @param queries (B, Q, D)
     * @return scalar, float32
     */
    Tensor loss(Tensor queries, Labelled texts) {
        var logits = logits(encode(queries, texts.input()), texts.output()); // (targets, V)
        return CrossEntropy.mean(logits, Tensors.of(texts.output().targets(), queries.device()));
    }

    /** The losses of single targets, (targets), float32. */
    Tensor losses(Encoded encoded, CausalText.Labelled output) {
        var targets = Tensors.of(output.targets(), encoded.states().device());
        return CrossEntropy.perRow(logits(encoded, output), targets);
    }

    /** The summed losses of each output's targets, R. */
    double[] sums(Encoded encoded, CausalText.Labelled output) {
        int T = output.ids()[0].length;
        double[] sums = new double[output.ids().length];
        try (var scope = new PointerScope()) {
            float[] losses = Tensors.floats(losses(encoded, output));
            for (int i = 0; i < losses.length; i++) {
                sums[(int) (output.positions()[i] / T)] += losses[i];
            }
        }
        return sums;
    }

    /**
     * Reads inputs.
     *
     * @param queries (B, Q, D)
     * @param input B rows
     */
    Encoded encode(Tensor queries, BatchEncoding input) {
        var mask = CausalText.mask(queries, input.attentionMask()); // (B, P)
        return new Encoded(model.encode(prepend(queries, input), mask), mask);
    }

    /** Words are scored only where one is a target, (targets, V). */
    private Tensor logits(Encoded encoded, CausalText.Labelled output) {
        var device = encoded.states().device();
        var hidden = model.decode(
                        model.shiftRight(Tensors.of(output.ids(), device)),
                        Tensors.of(output.attentionMask(), device),
                        encoded.states(),
                        encoded.attentionMask())
                .flatten(0, 1); // (R T, D)
        return model.logits(hidden.index_select(0, Tensors.of(output.positions(), device)));
    }

    /**
     * Writes outputs.
     *
     * @param queries (B, Q, D)
     * @param prompts B rows
     * @return the decoder's start and the tokens after it, {@code numReturnSequences} rows for each prompt, adjacent
     */
    long[][] generate(Tensor queries, BatchEncoding prompts, GenerationConfig generation) {
        var config = model.config();
        long[][] start = new long[prompts.ids().length][];
        Arrays.fill(start, new long[] {config.decoderStartTokenId()});
        var mask = CausalText.mask(queries, prompts.attentionMask()); // (B, P)
        try (var decoder = model.decoder(prepend(queries, prompts), mask)) {
            return Generation.generate(
                    decoder, start, generation, new EndTokens(config.eosTokenId(), config.padTokenId()));
        }
    }

    /** Query outputs and word vectors, (B, P, D), float32: the encoder adds to them in this type, as in LAVIS. */
    Tensor prepend(Tensor queries, BatchEncoding input) {
        var words = model.embed(Tensors.of(input.ids(), queries.device())); // (B, P - Q, D)
        return Tensors.cat(1, queries.to(ScalarType.Float), words.to(ScalarType.Float)); // (B, P, D)
    }
}
