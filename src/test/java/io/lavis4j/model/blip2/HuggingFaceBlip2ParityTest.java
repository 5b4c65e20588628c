package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HuggingFaceBlip2ParityTest {

    private static final double ATOL = 1e-4;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("f_hf_blip2_opt", "f_hf_blip2_opt_v4")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    t.addWith(List.of("expected.safetensors"), "forward", () -> new Case(golden).forward());
                    golden.json("expected.json")
                            .path("generate")
                            .properties()
                            .forEach(variant -> t.add(
                                    "generate " + variant.getKey(),
                                    () -> new Case(golden).generate(variant.getValue())));
                }));
    }

    private static final class Case {

        private final Golden golden;
        private final Blip2Opt model;
        private final Map<String, Tensor> expected;
        private final Tensor pixels;
        private final Tensor inputIds;
        private final long Q;

        Case(Golden golden) {
            this.golden = golden;
            model = new Blip2Opt(
                    HuggingFaceBlip2.config(golden.folder(), ""), Blip2Case.tokenizer(golden), golden.device());
            model.load(HuggingFaceBlip2.fit(Checkpoints.stateDict(weights(golden))));
            assertThat(model.unsetParameters()).isEmpty();
            model.eval();
            expected = golden.tensors("expected.safetensors");
            pixels = Golden.get(expected, "pixel_values");
            inputIds = Golden.get(expected, "input_ids");
            Q = model.config().blip2().qformer().numQueries();
        }

        /** The older version's case has the weights of the newer one. */
        private static Path weights(Golden golden) {
            return golden.has("model.safetensors")
                    ? golden.folder()
                    : GoldenCases.sibling(golden.folder(), "f_hf_blip2_opt");
        }

        /** The newer version has a placeholder id for each query in the text, the older none. */
        private boolean hasPlaceholders() {
            return golden.json("expected.json").path("image_token_id").isNumber();
        }

        private Tensor words() {
            return hasPlaceholders() ? inputIds.narrow(1, Q, inputIds.size(1) - Q) : inputIds;
        }

        private Tensor mask() {
            var mask = Golden.get(expected, "attention_mask");
            var ones = torch.ones(new long[] {mask.size(0), Q}, Tensors.options(mask.device(), ScalarType.Long));
            return hasPlaceholders() ? mask : Tensors.cat(1, ones, mask);
        }

        private Tensor embeds() {
            var queries = model.queries(pixels, null);
            return Tensors.cat(1, queries, model.languageModel().embed(words()));
        }

        void forward() {
            Golden.assertClose(
                    "vision_last_hidden",
                    model.bridge().hiddenStates(pixels).get(1),
                    Golden.get(expected, "vision_last_hidden"),
                    5e-5,
                    0);
            var all = model.languageModel().logits(model.languageModel().forward(embeds(), mask()));
            var expectedLogits = Golden.get(expected, "logits");
            long T = expectedLogits.size(1);
            var logits = all.narrow(1, all.size(1) - T, T);
            Golden.assertClose("logits", logits, expectedLogits, ATOL, 0);

            var labels = Golden.get(expected, "labels").narrow(1, 1, T - 1).reshape(-1);
            var scores = logits.narrow(1, 0, T - 1).reshape(-1, logits.size(2));
            Golden.assertClose("loss", torch.cross_entropy_loss(scores, labels), Golden.get(expected, "loss"), 0, 1e-5);
        }

        void generate(JsonNode variant) {
            long[][] expectedIds = Blip2Case.ids(variant.get("token_ids"));
            var kwargs = variant.get("kwargs");
            long bos = model.config().opt().bosTokenId();
            // the ids after the prompt; the generator counts one token before them
            int prompt = hasPlaceholders() ? (int) inputIds.size(1) : 1;
            var config = GenerationConfig.lavis()
                    .withNumBeams(kwargs.path("num_beams").asInt(1))
                    .withLengthPenalty(kwargs.path("length_penalty").asDouble(1))
                    .withMinLength(1 + kwargs.path("min_new_tokens").asInt(0))
                    .withMaxLength(1 + kwargs.get("max_new_tokens").asInt());
            long[][] start = new long[expectedIds.length][];
            Arrays.fill(start, new long[] {bos});
            try (var noGrad = new NoGradGuard();
                    var decoder = model.languageModel().decoder(embeds(), mask())) {
                long[][] found = Generation.generate(
                        decoder,
                        start,
                        config,
                        new EndTokens(
                                variant.get("eos_token_id").asLong(),
                                model.config().opt().padTokenId()));
                for (int i = 0; i < found.length; i++) {
                    assertThat(Arrays.copyOfRange(found[i], 1, found[i].length))
                            .as("row " + i)
                            .isEqualTo(Arrays.copyOfRange(expectedIds[i], prompt, expectedIds[i].length));
                }
            }
        }
    }
}
