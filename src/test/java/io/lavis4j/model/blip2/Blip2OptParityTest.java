package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Texts;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Blip2OptParityTest {

    private static final double ATOL = 5e-5;
    private static final double LOGITS_ATOL = 1e-4;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("c_blip2_opt", t -> {
            var golden = t.golden();
            var expected = golden.json("expected.json");
            t.addWith(
                    List.of("expected.safetensors"),
                    "image tokens and query outputs",
                    () -> new Case(golden).hiddenStates());
            for (var variant : expected.path("forward")) {
                t.add("forward " + variant.get("name").asText(), () -> new Case(golden).forward(variant));
            }
            for (var variant : expected.path("generate")) {
                t.add(
                        "generate %s, prompt \"%s\""
                                .formatted(
                                        variant.get("name").asText(),
                                        variant.get("prompt").asText()),
                        () -> new Case(golden).generate(variant));
            }
            for (var variant : expected.path("nucleus")) {
                t.add("sampling, seed " + variant.get("seed").asLong(), () -> new Case(golden).sample(variant));
            }
            for (var variant : expected.path("predict_answers")) {
                t.add("answers " + variant.get("name").asText(), () -> new Case(golden).predictAnswers(variant));
            }
        });
    }

    private static final class Case {

        private final Golden golden;
        private final Map<String, Tensor> expected;
        private final Tensor image;

        Case(Golden golden) {
            this.golden = golden;
            expected = golden.has("expected.safetensors") ? golden.tensors("expected.safetensors") : Map.of();
            image = Golden.get(golden.tensors("inputs.safetensors"), "image");
        }

        private void equal(String name, Tensor actual, double atol) {
            Golden.assertClose(name, actual, Golden.get(expected, name), atol, 0);
        }

        void hiddenStates() {
            var model = Blip2Case.model(golden, "");
            var embeds = model.bridge().encodeImage(image);
            equal("vit", model.visualEncoder().forward(image), ATOL);
            equal("ln_vision", embeds, ATOL);
            equal("qformer_last_hidden", model.bridge().query(embeds), ATOL);
            equal("opt_proj", model.queries(image, null), ATOL);
        }

        void forward(JsonNode variant) {
            var model = Blip2Case.model(golden, variant.get("prompt").asText());
            var texts = Blip2Case.strings(variant.get("text_input"));
            double loss = model.forward(image, Texts.of(texts)).total().item_double();
            double expectedLoss = variant.get("loss").asDouble();
            assertThat(loss).isCloseTo(expectedLoss, org.assertj.core.data.Offset.offset(1e-5 * expectedLoss));
            if (variant.has("prompt_length")) {
                assertThat(Blip2Case.frozen(model).promptLength())
                        .isEqualTo(variant.get("prompt_length").asInt());
            }
            String prefix = "forward_" + variant.get("name").asText() + "/";
            if (expected.containsKey(prefix + "logits")) {
                var labelled = Blip2Case.frozen(model).labelled(texts);
                var queries = model.queries(image, null);
                var embeds = new CausalText(model.languageModel())
                        .prepend(queries, Tensors.of(labelled.ids(), golden.device()));
                var mask = CausalText.mask(queries, Tensors.of(labelled.attentionMask(), golden.device()));
                equal(prefix + "inputs_embeds", embeds, ATOL);
                assertThat(Tensors.rows(mask))
                        .isDeepEqualTo(Tensors.rows(Golden.get(expected, prefix + "attention_mask")));
                assertThat(Blip2Case.labels(labelled, (int) mask.size(1)))
                        .isDeepEqualTo(Tensors.rows(Golden.get(expected, prefix + "labels")));
                equal(
                        prefix + "logits",
                        model.languageModel().logits(model.languageModel().forward(embeds, mask)),
                        LOGITS_ATOL);
            }
        }

        void generate(JsonNode variant) {
            var model = Blip2Case.model(golden, "");
            var config = Blip2Case.generation(GenerationConfig.lavis(), variant.get("kwargs"));
            String prompt = variant.get("prompt").asText();
            var prompts = Collections.nCopies((int) image.size(0), prompt);
            assertThat(trimmed(model.generateIds(image, prompts, config)))
                    .isDeepEqualTo(trimmed(Blip2Case.ids(variant.get("token_ids"))));
            assertThat(model.generate(image, prompt, config)).isEqualTo(Blip2Case.strings(variant.get("captions")));
        }

        void sample(JsonNode variant) {
            var model = Blip2Case.model(golden, "");
            var config = Blip2Case.generation(GenerationConfig.lavis(), variant.get("kwargs"));
            TestDevice.assumeDrawsOfTheReference();
            RandomState.seed(variant.get("seed").asLong());
            assertThat(model.generate(image, variant.get("prompt").asText(), config))
                    .isEqualTo(Blip2Case.strings(variant.get("captions")));
        }

        void predictAnswers(JsonNode variant) {
            var model = Blip2Case.model(golden, "");
            var kwargs = variant.get("kwargs");
            var config = Blip2Case.generation(model.answerDefaults(), kwargs);
            var questions = Blip2Case.strings(variant.get("text_input"));
            assertThat(model.predictAnswers(
                            image, questions, kwargs.path("prompt").asText(""), config))
                    .isEqualTo(Blip2Case.strings(variant.get("answers")));
        }

        /** Rows without their padding. */
        private static long[][] trimmed(long[][] rows) {
            return java.util.Arrays.stream(rows)
                    .map(row -> {
                        int end = row.length;
                        while (end > 0 && row[end - 1] == 1) {
                            end--;
                        }
                        return java.util.Arrays.copyOf(row, end);
                    })
                    .toArray(long[][]::new);
        }
    }
}
