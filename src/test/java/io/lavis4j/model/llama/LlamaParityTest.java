package io.lavis4j.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.nn.AdditiveMask;
import io.lavis4j.nn.Attention;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.nn.RotaryEmbedding;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The language model inside InstructBLIP's cases. The grouped one is Hugging Face's class, loaded in half precision and
 * then made float32: its tables of cosines and sines, float32 in LAVIS's class, stayed rounded to half precision.
 */
class LlamaParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final String LAVIS = "d_blip2_vicuna_instruct";
    private static final String GROUPED = "d_blip2_vicuna_instruct_gqa";
    private static final double ATOL = 1e-4;
    private static final double ATOL_ROUNDED_TABLES = 1e-2;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of(LAVIS, GROUPED)
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    double atol = kind.equals(LAVIS) ? ATOL : ATOL_ROUNDED_TABLES;
                    for (String variant : List.of("forward", "truncated")) {
                        String logits = variant + "/logits";
                        t.addWithTensor(EXPECTED, logits, variant, () -> new Case(golden, variant).forward(atol));
                        t.addWithTensor(
                                EXPECTED, logits, variant + " in steps", () -> new Case(golden, variant).inSteps(atol));
                        if (kind.equals(LAVIS)) {
                            t.addWithTensor(
                                    EXPECTED, logits, variant + ", loss", () -> new Case(golden, variant).loss());
                        } else {
                            t.addWithTensor(
                                    EXPECTED,
                                    logits,
                                    variant + " with rounded tables, loss",
                                    () -> new Case(golden, variant).forwardWithRoundedTables());
                        }
                    }
                }));
    }

    private static final class Case {

        private final Llama model;
        private final Map<String, Tensor> expected;
        private final Tensor embeds;
        private final Tensor mask;
        private final Tensor logits;

        Case(Golden golden, String variant) {
            var config =
                    LlamaConfig.of(golden.json("expected.json").path("config").path("llama"));
            model = new Llama(config);
            var file = Golden.under("llm_model.", golden.tensors("weights.safetensors"));
            model.load(LlamaWeights.fit(file, config)).requireComplete(golden.name());
            model.to(golden.device());
            model.eval();
            expected = Golden.under(variant + "/", golden.tensors(EXPECTED));
            embeds = Golden.get(expected, "inputs_embeds");
            mask = Golden.get(expected, "attention_mask");
            logits = Golden.get(expected, "logits");
        }

        void forward(double atol) {
            assertLogits(model.logits(model.forward(embeds, mask)), atol);
        }

        /** Where the mask is 1; padding has no meaning. */
        private void assertLogits(Tensor found, double atol) {
            var real = mask.unsqueeze(2).to(ScalarType.Float);
            Golden.assertClose("logits", found.mul(real), logits.mul(real), atol, 0);
        }

        void loss() {
            assertLoss(model.logits(model.forward(embeds, mask)));
        }

        /** A state predicts the next label. */
        private void assertLoss(Tensor found) {
            var labels = Golden.get(expected, "labels");
            long B = labels.size(0), L = labels.size(1), V = found.size(2);
            var loss = CrossEntropy.mean(
                    found.narrow(1, 0, L - 1).reshape(B * (L - 1), V),
                    labels.narrow(1, 1, L - 1).reshape(B * (L - 1)));
            Golden.assertClose("loss", loss, Golden.get(expected, "loss"), 0, LOSS_RTOL);
        }

        /** The blocks with the case's own tables, at the positions of LAVIS's training. */
        void forwardWithRoundedTables() {
            var rotary =
                    new RotaryEmbedding(model.config().headDim(), model.config().ropeTheta());
            var positions = Tensors.range(0, embeds.size(1), embeds.device()).unsqueeze(0); // (1, L)
            var half = rotary.at(positions, ScalarType.Half);
            var rounded = new RotaryEmbedding.Rotation(
                    half.cos().to(ScalarType.Float), half.sin().to(ScalarType.Float));
            var causal = AdditiveMask.causal(mask);
            var x = Scopes.through(
                    () -> new Tensor(embeds),
                    model.blocks(),
                    (block, h) -> block.forward(
                            h, (layer, q, k, v) -> Attention.attend(rounded.of(q), rounded.of(k), v, causal, 0)));
            var found = model.logits(model.finish(x));
            assertLogits(found, ATOL);
            assertLoss(found);
        }

        /** All tokens of the first row but the last three as a prefix, these one by one. */
        void inSteps(double atol) {
            var row = embeds.narrow(0, 0, 1);
            var expectedRow = logits.select(0, 0); // (L, V)
            var real = mask.narrow(0, 0, 1);
            long T = real.sum().item_long(), P = T - 3;
            var words = model.embed(Tensors.range(0, model.vocabSize(), embeds.device())); // (V, W)
            try (var noGrad = new NoGradGuard();
                    var decoder = model.decoder(row.narrow(1, 0, P), real.narrow(1, 0, P))) {
                var scores = decoder.prefill(); // (1, V)
                for (long t = P; t < T; t++) {
                    Golden.assertClose("logits before token " + t, scores, expectedRow.narrow(0, t - 1, 1), atol, 0);
                    scores = decoder.step(new long[] {word(words, row.select(1, t))});
                }
                Golden.assertClose("logits after all tokens", scores, expectedRow.narrow(0, T - 1, 1), atol, 0);
            }
        }

        /** The word that has this vector, (1, W). */
        private static long word(Tensor words, Tensor vector) {
            var distances = words.sub(vector).abs().sum(1); // (V)
            assertThat(distances.min().item_float()).isZero();
            return distances.argmin().item_long();
        }
    }
}
