package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.Texts;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Labelled;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Blip2T5ParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final double ATOL = 5e-5;
    private static final double LOGITS_ATOL = 1e-4;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("d_blip2_t5", t -> {
            var golden = t.golden();
            var expected = golden.json("expected.json");
            for (var variant : expected.path("forward")) {
                String name = variant.get("name").asText();
                t.add(name + ", loss", () -> new Case(golden).loss(variant));
                t.addWithTensor(EXPECTED, name + "/logits", name, () -> new Case(golden).forward(variant));
                t.addWith(
                        List.of("expected_grads.safetensors"),
                        name + ", gradients",
                        () -> new Case(golden).gradients(variant));
            }
            for (var variant : expected.path("generate")) {
                t.add(
                        "generate %s, prompt %s".formatted(variant.get("kwargs"), variant.path("prompt")),
                        () -> new Case(golden).generate(variant));
            }
            for (var variant : expected.path("predict_answers")) {
                t.add("answers " + variant.get("kwargs"), () -> new Case(golden).predictAnswers(variant));
            }
        });
    }

    private static final class Case {

        private final Golden golden;
        private final Tensor image;
        private final Blip2T5 model;

        Case(Golden golden) {
            this.golden = golden;
            image = Golden.get(golden.tensors("inputs.safetensors"), "image");
            model = Blip2Case.t5Model(golden, Blip2Case.t5Config(golden.json("expected.json")));
        }

        private Tensor lossOf(JsonNode variant) {
            return model.forward(image, texts(variant)).total();
        }

        private static Texts texts(JsonNode variant) {
            return new Texts(
                    Blip2Case.strings(variant.get("text_input")),
                    Blip2Case.strings(variant.get("text_output")),
                    new long[0],
                    new double[0]);
        }

        void loss(JsonNode variant) {
            double expected = variant.get("loss").asDouble();
            assertThat(lossOf(variant).item_double()).isCloseTo(expected, Offset.offset(LOSS_RTOL * expected));
        }

        void forward(JsonNode variant) {
            Map<String, Tensor> expected = Golden.under(variant.get("name").asText() + "/", golden.tensors(EXPECTED));
            var text = Blip2Case.frozen(model);
            var input = TextTokens.of(text.tokenizer.encode(texts(variant).input(), text.inputs), golden.device());
            var output = text.targets(texts(variant).output(), text.outputs);
            var queries = model.queries(image, null);
            var embeds = text.prepend(queries, input.ids());
            Golden.assertClose("inputs_embeds", embeds, Golden.get(expected, "inputs_embeds"), ATOL, 0);
            var encoded = text.encode(queries, input);
            assertRows(Tensors.rows(encoded.attentionMask()), expected, "attention_mask");
            assertRows(output.attentionMask(), expected, "decoder_attention_mask");
            assertRows(labels(output), expected, "labels");
            var hidden = model.languageModel()
                    .decode(
                            model.languageModel().shiftRight(Tensors.of(output.ids(), golden.device())),
                            encoded.states(),
                            encoded.attentionMask());
            var real = Golden.get(expected, "decoder_attention_mask").unsqueeze(2); // padding sees itself here
            Golden.assertClose(
                    "logits",
                    model.languageModel().logits(hidden).mul(real),
                    Golden.get(expected, "logits").mul(real),
                    LOGITS_ATOL,
                    0);
        }

        private static void assertRows(long[][] actual, Map<String, Tensor> expected, String name) {
            assertThat(actual).as(name).isDeepEqualTo(Tensors.rows(Golden.get(expected, name)));
        }

        /** Targets as the reference has them, everything else ignored. */
        private static long[][] labels(Labelled output) {
            int T = output.ids()[0].length;
            long[][] labels = new long[output.ids().length][T];
            for (long[] row : labels) {
                Arrays.fill(row, CrossEntropy.IGNORE_INDEX);
            }
            for (int i = 0; i < output.targets().length; i++) {
                int position = (int) output.positions()[i];
                labels[position / T][position % T] = output.targets()[i];
            }
            return labels;
        }

        void gradients(JsonNode variant) {
            var gradients = golden.tensors("expected_grads.safetensors");
            assertThat(model.trainableParameters().keySet()).containsExactlyInAnyOrderElementsOf(gradients.keySet());
            model.backward(lossOf(variant));
            Golden.assertGradients(model.namedParameters(), gradients, 1e-4, 2e-7);
        }

        void generate(JsonNode variant) {
            var prompt = variant.path("prompt");
            int B = Math.toIntExact(image.size(0));
            var prompts = prompt.isArray()
                    ? Blip2Case.strings(prompt)
                    : Collections.nCopies(B, prompt.asText(model.prompt()));
            var config = Blip2Case.generation(GenerationConfig.lavis(), variant.get("kwargs"));
            assertThat(model.generateIds(image, prompts, config))
                    .isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.generate(image, prompts, config)).isEqualTo(Blip2Case.strings(variant.get("strings")));
        }

        void predictAnswers(JsonNode variant) {
            var kwargs = variant.get("kwargs");
            var config = Blip2Case.generation(model.answerDefaults(), kwargs);
            var questions = Blip2Case.strings(variant.get("text_input"));
            assertThat(model.predictAnswers(
                            image, questions, kwargs.path("prompt").asText(""), config))
                    .isEqualTo(Blip2Case.strings(variant.get("strings")));
        }
    }
}
