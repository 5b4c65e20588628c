package io.lavis4j.model.opt;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class OptParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final double ATOL = 1e-4;

    // The cases give no arguments: these lengths, or more where the ids are longer, and one of these penalties.
    private static final int MAX_LENGTH_GREEDY = 12;
    private static final int MAX_LENGTH_BEAM = 10;
    private static final int NEW_TOKENS = 8;
    private static final double[] LENGTH_PENALTIES = {1, 0.5, 0, -1, 2};

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("c_opt_lm_proj", "c_opt_lm_postnorm_proj")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    t.addWithTensor(EXPECTED, "logits", "hidden states and logits", () -> new Case(golden).forward());
                    t.addWithTensor(EXPECTED, "next_logits", "one cached step", () -> new Case(golden).cachedStep());
                    t.addWithTensor(
                            EXPECTED,
                            "past_key_0",
                            "keys and values of the first block",
                            () -> new Case(golden).firstKeysAndValues());
                    t.addWithTensor(
                            EXPECTED,
                            "generate/greedy",
                            "generate greedily",
                            () -> new Case(golden).generate("generate/greedy", 1, MAX_LENGTH_GREEDY));
                    t.addWithTensor(
                            EXPECTED,
                            "generate/beam4",
                            "generate by beam search",
                            () -> new Case(golden).generate("generate/beam4", 4, MAX_LENGTH_BEAM));
                    t.addWithTensor(
                            EXPECTED,
                            "generate/beam4_from_input_ids",
                            "generate by beam search, the prompt's ids counted",
                            () -> new Case(golden).generateFromIds("generate/beam4_from_input_ids", 4));
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
            expected = golden.tensors(EXPECTED);
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

        void firstKeysAndValues() {
            var real = mask.unsqueeze(1).unsqueeze(3).to(ScalarType.Float); // (B, 1, P, 1)
            var positions = mask.cumsum(1).mul(mask).sub(Tensors.scalar(1)); // (B, P)
            model.blocks().get(0).forward(model.start(embeds, positions), (layer, q, k, v) -> {
                var expectedKey = Golden.get(expected, "past_key_0").mul(real);
                var expectedValue = Golden.get(expected, "past_value_0").mul(real);
                Golden.assertClose("keys", k.mul(real), expectedKey, ATOL, 0);
                Golden.assertClose("values", v.mul(real), expectedValue, ATOL, 0);
                return q;
            });
        }

        /** Generation starts with one id that is not fed. */
        void generate(String name, int numBeams, int maxLength) {
            long[][] start = new long[(int) embeds.size(0)][];
            Arrays.fill(start, new long[] {model.config().bosTokenId()});
            generate(name, start, numBeams, maxLength);
        }

        void generateFromIds(String name, int numBeams) {
            long[][] ids = Tensors.rows(Golden.get(expected, "input_ids"));
            generate(name, ids, numBeams, ids[0].length + NEW_TOKENS);
        }

        private void generate(String name, long[][] start, int numBeams, int maxLength) {
            long[][] ids = Tensors.rows(Golden.get(expected, name));
            var found = Arrays.stream(LENGTH_PENALTIES)
                    .mapToObj(penalty -> generate(
                            start,
                            GenerationConfig.lavis()
                                    .withNumBeams(numBeams)
                                    .withLengthPenalty(penalty)
                                    .withMaxLength(Math.max(maxLength, ids[0].length))))
                    .toList();
            assertThat(found).as("results by length penalty").anyMatch(rows -> Arrays.deepEquals(rows, ids));
        }

        private long[][] generate(long[][] start, GenerationConfig config) {
            var end = new EndTokens(model.config().eosTokenId(), model.config().padTokenId());
            try (var decoder = model.decoder(embeds, mask)) {
                return Generation.generate(decoder, start, config, end);
            }
        }

        void cachedStep() {
            try (var decoder = model.decoder(embeds, mask)) {
                var logits = Golden.get(expected, "logits");
                Golden.assertClose(
                        "logits of the last token", decoder.prefill(), logits.select(1, logits.size(1) - 1), ATOL, 0);
                long[] next = Tensors.longs(Golden.get(expected, "next_ids"));
                var expectedNext = Golden.get(expected, "next_logits").squeeze(1);
                Golden.assertClose("next_logits", decoder.step(next), expectedNext, ATOL, 0);
            }
        }
    }
}
