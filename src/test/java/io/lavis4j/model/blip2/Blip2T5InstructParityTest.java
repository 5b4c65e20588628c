package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.Texts;
import io.lavis4j.processor.Questions;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Blip2T5InstructParityTest {

    private static final double ATOL = 1e-4;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("d_blip2_t5_instruct", "d_blip2_t5_instruct_no_qformer_text")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    var expected = golden.json("expected.json");
                    for (var variant : expected.path("forward")) {
                        t.add(variant.get("name").asText(), () -> new Case(golden).forward(variant));
                    }
                    if (expected.has("requires_grad_but_no_gradient")) {
                        t.addWith(
                                List.of("expected_grads.safetensors"),
                                "gradients",
                                () -> new Case(golden)
                                        .gradients(expected.path("forward").get(0)));
                    }
                    for (var variant : expected.path("generate")) {
                        t.add("generate " + variant.get("kwargs"), () -> new Case(golden).generate(variant, "image"));
                    }
                    if (expected.has("generate_video")) {
                        t.add("frames", () -> new Case(golden).generate(expected.get("generate_video"), "video"));
                    }
                    for (var variant : expected.path("predict_answers")) {
                        t.add("answers " + variant.get("kwargs"), () -> new Case(golden).predictAnswers(variant));
                    }
                    for (var variant : expected.path("predict_class")) {
                        t.add(
                                "classes of %s, %s".formatted(variant.get("candidates"), variant.get("kwargs")),
                                () -> new Case(golden).predictClass(variant));
                    }
                }));
    }

    private static final class Case {

        private final Golden golden;
        private final Blip2T5Instruct model;
        private final Map<String, Tensor> inputs;
        private final Tensor image;

        Case(Golden golden) {
            this.golden = golden;
            model = Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(golden.json("expected.json")));
            inputs = golden.tensors("inputs.safetensors");
            image = Golden.get(inputs, "image");
        }

        private static Texts texts(JsonNode variant) {
            return new Texts(
                    Blip2Case.strings(variant.get("text_input")),
                    Blip2Case.strings(variant.get("text_output")),
                    new long[0],
                    new double[0]);
        }

        void forward(JsonNode variant) {
            var texts = texts(variant);
            double loss = variant.get("loss").asDouble();
            assertThat(model.forward(image, texts).total().item_double()).isCloseTo(loss, within(LOSS_RTOL * loss));

            var expected = Golden.under(variant.get("name").asText() + "/", golden.tensors("expected.safetensors"));
            var text = Blip2Case.frozen(model);
            var input = TextTokens.of(text.tokenizer.encode(texts.input(), text.inputs), golden.device());
            var output = text.targets(texts.output(), text.outputs);
            var queries = model.queries(image, model.instructions(texts.input()));
            var encoded = text.encode(queries, input);
            assertThat(Tensors.rows(encoded.attentionMask()))
                    .isDeepEqualTo(Tensors.rows(Golden.get(expected, "attention_mask")));
            assertThat(output.attentionMask())
                    .isDeepEqualTo(Tensors.rows(Golden.get(expected, "decoder_attention_mask")));
            var real = encoded.attentionMask().unsqueeze(2);
            Golden.assertClose(
                    "inputs_embeds",
                    text.prepend(queries, input.ids()).mul(real),
                    Golden.get(expected, "inputs_embeds").mul(real),
                    ATOL,
                    0);
        }

        void gradients(JsonNode variant) {
            model.backward(model.forward(image, texts(variant)).total());
            Golden.assertGradients(model.namedParameters(), golden.tensors("expected_grads.safetensors"), 1e-4, 1e-6);
        }

        /** One prompt for all samples, or one for each. */
        private static List<String> prompts(JsonNode prompt, Tensor images) {
            return prompt.isArray()
                    ? Blip2Case.strings(prompt)
                    : Collections.nCopies((int) images.size(0), prompt.asText());
        }

        void generate(JsonNode variant, String input) {
            var given = Golden.get(inputs, input);
            var images = given.dim() == 5 ? given.transpose(1, 2).contiguous() : given; // LAVIS has (B, 3, F, S, S)
            var prompts = prompts(variant.get("prompt"), images);
            if (variant.has("ocr_tokens")) {
                prompts = Questions.of(List.of())
                        .withOcrTokens(lists(variant.get("ocr_tokens")))
                        .generatePrompts(prompts);
            }
            var config = Blip2Case.generation(model.generateDefaults(), variant.get("kwargs"));
            assertThat(model.generateIds(images, prompts, config))
                    .isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.generate(images, prompts, config)).isEqualTo(Blip2Case.strings(variant.get("strings")));
        }

        void predictAnswers(JsonNode variant) {
            var kwargs = variant.get("kwargs");
            var config = Blip2Case.generation(model.answerDefaults(), kwargs);
            var questions = Questions.of(Blip2Case.strings(variant.get("text_input")));
            if (variant.has("ocr_tokens")) {
                questions = questions.withOcrTokens(lists(variant.get("ocr_tokens")));
            }
            if (variant.has("choices")) {
                questions = questions.withChoices(lists(variant.get("choices")));
            }
            var prompts = questions.answerPrompts(kwargs.path("prompt").asText(""));
            assertThat(model.generateIds(image, prompts, config))
                    .isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.predictAnswers(image, prompts, "", config))
                    .isEqualTo(Blip2Case.strings(variant.get("strings")));
        }

        private static List<List<String>> lists(JsonNode rows) {
            var lists = new ArrayList<List<String>>();
            rows.forEach(row -> lists.add(Blip2Case.strings(row)));
            return lists;
        }

        private static List<String> optional(JsonNode variant, String key) {
            return variant.has(key) ? Blip2Case.strings(variant.get(key)) : List.of();
        }

        void predictClass(JsonNode variant) {
            int segments = variant.get("kwargs").path("n_segments").asInt(1);
            var prompts = Questions.of(optional(variant, "text_input"))
                    .withHistory(optional(variant, "history"))
                    .withCaption(optional(variant, "caption"))
                    .classPrompts(prompts(variant.get("prompt"), image));
            boolean own = variant.get("candidates").get(0).isArray();
            var candidates = own
                    ? lists(variant.get("candidates"))
                    : Collections.nCopies(prompts.size(), Blip2Case.strings(variant.get("candidates")));
            double[][] losses = model.candidateLosses(image, prompts, candidates, segments);
            int[][] found = model.predictOwnClass(image, prompts, candidates, segments);
            for (int b = 0; b < losses.length; b++) {
                var expected = own
                        ? variant.get("losses").get(b).get(0)
                        : variant.get("losses").get(0).get(b);
                var ranks = variant.get("ranks").get(b);
                for (int c = 0; c < losses[b].length; c++) {
                    double loss = expected.get(c).asDouble();
                    assertThat(losses[b][c]).isCloseTo(loss, within(LOSS_RTOL * loss));
                    assertThat(found[b][c]).isEqualTo(ranks.get(c).asInt());
                }
            }
        }
    }
}
