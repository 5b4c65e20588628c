package io.lavis4j.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The language model inside InstructBLIP's cases: LAVIS's own, and one with grouped heads of keys and values. */
class LlamaParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final double ATOL = 1e-4;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("d_blip2_vicuna_instruct", "d_blip2_vicuna_instruct_gqa")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    for (String variant : List.of("forward", "truncated")) {
                        t.addWithTensor(
                                EXPECTED, variant + "/logits", variant, () -> new Case(golden, variant).forward());
                        t.addWithTensor(
                                EXPECTED,
                                variant + "/logits",
                                variant + ", cached",
                                () -> new Case(golden, variant).cached());
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

        /** Logits where the mask is 1, as padding has no meaning; the loss: a state predicts the next label. */
        void forward() {
            var found = model.logits(model.forward(embeds, mask)); // (B, L, V)
            var real = mask.unsqueeze(2).to(ScalarType.Float);
            Golden.assertClose("logits", found.mul(real), logits.mul(real), ATOL, 0);

            var labels = Golden.get(expected, "labels");
            long B = labels.size(0), L = labels.size(1), V = found.size(2);
            var loss = CrossEntropy.mean(
                    found.narrow(1, 0, L - 1).reshape(B * (L - 1), V),
                    labels.narrow(1, 1, L - 1).reshape(B * (L - 1)));
            Golden.assertClose("loss", loss, Golden.get(expected, "loss"), 0, LOSS_RTOL);
        }

        /** All tokens of the first row but the last three as a prefix, these one by one. */
        void cached() {
            long T = mask.select(0, 0).sum().item_long(), P = T - 3;
            var row = embeds.narrow(0, 0, 1);
            var words = model.embed(Tensors.range(0, model.vocabSize(), embeds.device())); // (V, W)
            try (var noGrad = new NoGradGuard();
                    var decoder = model.decoder(
                            row.narrow(1, 0, P), mask.narrow(0, 0, 1).narrow(1, 0, P))) {
                var scores = decoder.prefill();
                for (long t = P; t < T; t++) {
                    Golden.assertClose(
                            "logits before token " + t,
                            scores,
                            logits.narrow(0, 0, 1).select(1, t - 1),
                            ATOL,
                            0);
                    scores = decoder.step(new long[] {word(words, row.select(1, t))});
                }
                Golden.assertClose(
                        "logits after all tokens",
                        scores,
                        logits.narrow(0, 0, 1).select(1, T - 1),
                        ATOL,
                        0);
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
