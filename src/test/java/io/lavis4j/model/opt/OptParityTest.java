package io.lavis4j.model.opt;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class OptParityTest {

    private static final double ATOL = 1e-4;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("c_opt_lm_proj", "c_opt_lm_postnorm_proj")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    t.add("hidden states and logits", () -> new Case(golden).forward());
                    t.add("one cached step", () -> new Case(golden).cachedStep());
                }));
    }

    private static final class Case {

        private final Opt model;
        private final Map<String, Tensor> expected;
        private final Tensor embeds;
        private final Tensor mask;

        Case(Golden golden) {
            model = new Opt(OptConfig.of(golden.json("config.json")));
            var report = model.load(OptWeights.fit(golden.tensors("model.safetensors")));
            report.requireComplete(golden.name());
            model.to(golden.device());
            model.eval();
            expected = golden.tensors("expected.safetensors");
            embeds = Golden.get(expected, "inputs_embeds");
            mask = Golden.get(expected, "attention_mask");
        }

        /** Compares where the mask is 1; padding has no meaning. */
        private void equal(String name, Tensor actual) {
            var real = mask.unsqueeze(2).to(ScalarType.Float);
            Golden.assertClose(
                    name, actual.mul(real), Golden.get(expected, name).mul(real), ATOL, 0);
        }

        void forward() {
            var ids = Golden.get(expected, "input_ids");
            Golden.assertClose("inputs_embeds", model.embed(ids), embeds, 1e-6, 0);
            var states = model.hiddenStates(embeds, mask);
            for (int i = 0; i < states.size(); i++) {
                equal("hidden_" + i, states.get(i));
            }
            equal("logits", model.logits(model.forward(embeds, mask)));
        }

        void cachedStep() {
            try (var decoder = new OptDecoder(model, embeds, mask)) {
                var logits = Golden.get(expected, "logits");
                Golden.assertClose(
                        "logits of the last token", decoder.prefill(), logits.select(1, logits.size(1) - 1), ATOL, 0);
                long[] next = Tensors.longs(Golden.get(expected, "next_ids"));
                var expectedNext = Golden.get(expected, "next_logits").squeeze(1);
                Golden.assertClose("next_logits", decoder.step(next), expectedNext, ATOL, 0);
                assertThat(next).isNotEmpty();
            }
        }
    }
}
