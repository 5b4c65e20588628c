package io.lavis4j.model.t5;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The language model inside BLIP-2's case. */
class T5ParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final double LOGITS_ATOL = 1e-4;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("d_blip2_t5", t -> {
            var golden = t.golden();
            String logits = "forward/logits";
            t.addWithTensor(EXPECTED, logits, "logits and loss", () -> new Case(golden).forward());
            t.addWithTensor(EXPECTED, logits, "logits in steps", () -> new Case(golden).inSteps());
        });
    }

    private static final class Case {

        private final T5 model;
        private final Map<String, Tensor> expected;
        private final Tensor embeds;
        private final Tensor mask;
        private final Tensor labels;
        private final Tensor inputs;

        Case(Golden golden) {
            var config = T5Config.of(golden.json("expected.json").path("config").path("t5"));
            model = new T5(config);
            model.load(Golden.under("t5_model.", golden.tensors("weights.safetensors")))
                    .requireComplete(golden.name());
            model.to(golden.device());
            model.eval();
            expected = Golden.under("forward/", golden.tensors(EXPECTED));
            embeds = Golden.get(expected, "inputs_embeds");
            mask = Golden.get(expected, "attention_mask");
            labels = Golden.get(expected, "labels");
            inputs = model.shiftRight(labels.clamp_min(Tensors.scalar(0))); // padding is id 0
        }

        void forward() {
            var hidden = model.decode(inputs, model.encode(embeds, mask), mask);
            var logits = model.logits(hidden); // (B, T, V)
            var real = Golden.get(expected, "decoder_attention_mask").unsqueeze(2); // padding sees itself here
            Golden.assertClose(
                    "logits", logits.mul(real), Golden.get(expected, "logits").mul(real), LOGITS_ATOL, 0);
            var loss = CrossEntropy.mean(logits.flatten(0, 1), labels.flatten(0, 1));
            Golden.assertClose("loss", loss, Golden.get(expected, "loss"), 0, LOSS_RTOL);
        }

        void inSteps() {
            var logits = Golden.get(expected, "logits");
            var real = Golden.get(expected, "decoder_attention_mask");
            int B = Math.toIntExact(embeds.size(0));
            long[][] tokens = Tensors.rows(inputs.transpose(0, 1)); // (T, B)
            try (var noGrad = new NoGradGuard();
                    var decoder = model.decoder(embeds, mask)) {
                var scores = decoder.prefill(); // (B, V)
                assertThat(scores.size(0)).isEqualTo(B);
                for (int t = 0; t < tokens.length; t++) {
                    if (t > 0) {
                        scores = decoder.step(tokens[t]);
                    }
                    var counts = real.select(1, t).unsqueeze(1); // (B, 1)
                    Golden.assertClose(
                            "logits of token " + t,
                            scores.mul(counts),
                            logits.select(1, t).mul(counts),
                            LOGITS_ATOL,
                            0);
                }
            }
        }
    }
}
