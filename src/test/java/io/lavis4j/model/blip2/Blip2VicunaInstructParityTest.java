package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.Texts;
import io.lavis4j.processor.Questions;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.EncodeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * InstructBLIP's cases. The language model of the grouped one had its tables of cosines and sines rounded to half
 * precision, so that scores differ a little; {@code LlamaParityTest} computes it with such tables.
 */
class Blip2VicunaInstructParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final String LAVIS = "d_blip2_vicuna_instruct";
    private static final String GROUPED = "d_blip2_vicuna_instruct_gqa";
    private static final double ATOL = 1e-4;
    private static final double LOSS_RTOL = 1e-5;
    private static final double ROUNDED_TABLES = 100;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of(LAVIS, GROUPED)
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    var expected = golden.json("expected.json");
                    double slack = kind.equals(LAVIS) ? 1 : ROUNDED_TABLES;
                    for (var variant : expected.path("forward")) {
                        t.add(variant.get("name").asText(), () -> new Case(golden).forward(variant, slack));
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

        private final Blip2VicunaInstruct model;
        private final Golden golden;
        private final Map<String, Tensor> inputs;
        private final Tensor image;

        Case(Golden golden) {
            this.golden = golden;
            model = Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(golden.json("expected.json")));
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

        void forward(JsonNode variant, double slack) {
            var texts = texts(variant);
            double loss = variant.get("loss").asDouble();
            assertThat(model.forward(image, texts).total().item_double())
                    .isCloseTo(loss, within(slack * LOSS_RTOL * loss));

            var expected = Golden.under(variant.get("name").asText() + "/", golden.tensors(EXPECTED));
            var labelled = Blip2Case.frozen(model).labelled(texts);
            var queries = model.queries(image, model.instructions(texts.input()));
            var embeds = new CausalText(model.languageModel())
                    .prepend(queries, Tensors.of(labelled.ids(), golden.device())); // (B, L, W)
            var mask = CausalText.mask(queries, Tensors.of(labelled.attentionMask(), golden.device()));
            long L = mask.size(1); // the reference pads a little more
            assertThat(Tensors.rows(mask)).isDeepEqualTo(Tensors.rows(cut(expected, "attention_mask", L)));
            assertThat(Blip2Case.labels(labelled, (int) L)).isDeepEqualTo(Tensors.rows(cut(expected, "labels", L)));
            var real = mask.unsqueeze(2).to(ScalarType.Float);
            Golden.assertClose(
                    "inputs_embeds",
                    embeds.mul(real),
                    cut(expected, "inputs_embeds", L).mul(real),
                    ATOL,
                    0);
            var logits = model.languageModel().logits(model.languageModel().forward(embeds, mask));
            Golden.assertClose(
                    "logits", logits.mul(real), cut(expected, "logits", L).mul(real), slack * ATOL, 0);
        }

        private static Tensor cut(Map<String, Tensor> expected, String name, long L) {
            return Golden.get(expected, name).narrow(1, 0, L).contiguous();
        }

        void gradients(JsonNode variant) {
            model.backward(model.forward(image, texts(variant)).total());
            Golden.assertGradients(model.namedParameters(), golden.tensors("expected_grads.safetensors"), 1e-4, 1e-6);
        }

        /** One prompt for all samples, or one for each. */
        private List<String> prompts(JsonNode prompt, Tensor images) {
            return prompt.isArray()
                    ? Blip2Case.strings(prompt)
                    : Collections.nCopies((int) images.size(0), prompt.asText());
        }

        void generate(JsonNode variant, String input) {
            var given = Golden.get(inputs, input);
            var images = given.dim() == 5 ? given.transpose(1, 2).contiguous() : given; // LAVIS has (B, 3, F, S, S)
            var prompts = prompts(variant.get("prompt"), images);
            var config = Blip2Case.generation(model.generateDefaults(), variant.get("kwargs"));
            assertThat(model.generateIds(images, prompts, config))
                    .isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.generate(images, prompts, config)).isEqualTo(Blip2Case.strings(variant.get("strings")));
        }

        void predictAnswers(JsonNode variant) {
            var kwargs = variant.get("kwargs");
            var config = Blip2Case.generation(model.answerDefaults(), kwargs);
            var questions = Blip2Case.strings(variant.get("text_input"));
            String prompt = kwargs.path("prompt").asText("");
            assertThat(model.generateIds(image, Questions.of(questions).answerPrompts(prompt), config))
                    .isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.predictAnswers(image, questions, prompt, config))
                    .isEqualTo(Blip2Case.strings(variant.get("strings")));
        }

        /**
         * The reference's losses are those of a candidate's tokens, divided by the length of the longest row of its
         * segment but one. With one segment they rank as ours do.
         */
        void predictClass(JsonNode variant) {
            int segments = variant.get("kwargs").path("n_segments").asInt(1);
            var prompts = prompts(variant.get("prompt"), image);
            if (variant.has("text_input")) {
                prompts = Questions.of(Blip2Case.strings(variant.get("text_input")))
                        .classPrompts(prompts);
            }
            boolean own = variant.get("candidates").get(0).isArray();
            var candidates = new ArrayList<List<String>>();
            for (int b = 0; b < prompts.size(); b++) {
                candidates.add(Blip2Case.strings(own ? variant.get("candidates").get(b) : variant.get("candidates")));
            }
            double[][] sums = model.candidateLosses(image, prompts, candidates, segments);
            int[][] found = model.predictOwnClass(image, prompts, candidates, segments);
            for (int b = 0; b < sums.length; b++) {
                var expected = own
                        ? variant.get("losses").get(b).get(0)
                        : variant.get("losses").get(0).get(b);
                var together = own ? prompts.subList(b, b + 1) : prompts;
                int size = sums[b].length, ofSegment = size / segments;
                double[] means = new double[size];
                for (int c = 0; c < size; c++) {
                    int segment = Math.min(c / ofSegment, segments - 1);
                    int end = segment == segments - 1 ? size : (segment + 1) * ofSegment;
                    means[c] =
                            sums[b][c] / predictions(together, candidates.get(b).subList(segment * ofSegment, end));
                    assertThat(means[c]).isCloseTo(expected.get(c).asDouble(), within(LOSS_RTOL * 10));
                }
                assertThat(Order.by(c -> means[c], size))
                        .isEqualTo(ranks(variant.get("ranks").get(b)));
                if (segments == 1) {
                    assertThat(found[b]).isEqualTo(ranks(variant.get("ranks").get(b)));
                }
            }
        }

        /** Tokens that are predicted in the reference's rows, padding included. */
        private int predictions(List<String> prompts, List<String> candidates) {
            return model.config().blip2().qformer().numQueries() + longest(prompts) + longest(candidates) - 2;
        }

        private int longest(List<String> texts) {
            return Arrays.stream(Blip2Case.frozen(model)
                            .tokenizer
                            .encode(texts, EncodeOptions.plain())
                            .ids())
                    .mapToInt(row -> row.length)
                    .max()
                    .orElseThrow();
        }

        private static int[] ranks(JsonNode row) {
            int[] ranks = new int[row.size()];
            for (int i = 0; i < ranks.length; i++) {
                ranks[i] = row.get(i).asInt();
            }
            return ranks;
        }
    }
}
