package io.lavis4j.model.blip2;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.distributed.Gather;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.FeatureExtractor.Mode;
import io.lavis4j.model.ImageTextMatcher.MatchHead;
import io.lavis4j.model.Losses;
import io.lavis4j.model.SimilarityRanker;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Padding;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Blip2QformerParityTest {

    private static final String STAGE1 = "e_blip2_qformer_stage1";
    private static final double ATOL = 2e-5;
    private static final double LOSS_RTOL = 1e-5;

    @TestFactory
    Stream<DynamicTest> theFirstStageEqualsTheReference() {
        return Golden.tests(STAGE1, t -> {
            var golden = t.golden();
            var expected = golden.json("expected.json");
            for (var variant : expected.path("forward")) {
                t.add("losses " + variant.get("name").asText(), () -> new Case(golden).losses(variant));
            }
            if (expected.has("forced_negatives")) {
                t.addWith(
                        List.of("expected_grads.safetensors"),
                        "gradients with given negatives",
                        () -> new Case(golden).gradients());
            }
            t.addWithTensor(
                    "expected.safetensors",
                    "features_image/image_embeds",
                    "features",
                    () -> new Case(golden).features());
            t.addWithTensor(
                    "expected.safetensors", "compute_itm", "matching scores", () -> new Case(golden).matchScores());
            if (expected.has("sim_matrix")) {
                t.add("similarity matrix", () -> new Case(golden).simMatrix());
            }
            for (var variant : expected.path("generate")) {
                t.add("captions " + variant.get("kwargs"), () -> new Case(golden).generate(variant));
            }
            if (expected.has("nucleus")) {
                t.add("sampling", () -> new Case(golden).sample());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> matchingEqualsTheReference() {
        return Golden.tests("e_blip2_itm", t -> {
            var golden = t.golden();
            t.add("one pair at a time", () -> new Case(golden).pairs());
            t.add("a batch with texts of different lengths", () -> new Case(golden).batch());
        });
    }

    private static final class Case {

        private final Golden golden;
        private final JsonNode json;
        private final Map<String, Tensor> expected;
        private final Tensor image;
        private final List<String> texts;
        private final Blip2Qformer model;

        Case(Golden golden) {
            this.golden = golden;
            json = golden.json("expected.json");
            expected = golden.tensors("expected.safetensors");
            image = Golden.get(golden.tensors("inputs.safetensors"), "image");
            texts = Blip2Case.strings(json.get("texts"));
            model = Blip2Case.stage1(golden);
        }

        private void equal(String name, Tensor actual) {
            Golden.assertClose(name, actual, Golden.get(expected, name), ATOL, 0);
        }

        private BatchEncoding tokens() {
            int length = model.config().blip2().maxTxtLen();
            return model.encode(texts, length, new Padding.ToLength(length));
        }

        private static long[] longs(JsonNode numbers) {
            long[] values = new long[numbers.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = numbers.get(i).asLong();
            }
            return values;
        }

        /** Negatives of the reference, whose chances are compared on the way. */
        private Losses withNegatives(JsonNode images, JsonNode captions, long[] imageIds, List<Tensor> weights) {
            Deque<long[]> chosen = new ArrayDeque<>(List.of(longs(images), longs(captions)));
            return new Stage1Loss(
                            model,
                            chances -> {
                                weights.add(chances);
                                return Tensors.of(chosen.removeFirst(), image.device());
                            },
                            Gather.alone())
                    .of(image, tokens(), imageIds);
        }

        void losses(JsonNode variant) {
            String name = variant.get("name").asText();
            var weights = new ArrayList<Tensor>();
            var losses = withNegatives(
                    variant.get("negative_image_for_text"),
                    variant.get("negative_text_for_image"),
                    variant.has("image_id") ? longs(variant.get("image_id")) : new long[0],
                    weights);
            equal(name + "/weights_t2i", weights.get(0));
            equal(name + "/weights_i2t", weights.get(1));
            assertThat(losses.parts().keySet()).containsExactly("loss_itc", "loss_itm", "loss_lm");
            losses.parts().forEach((part, loss) -> close(loss, variant.get(part)));
            close(losses.total(), variant.get("loss"));
        }

        private static void close(Tensor loss, JsonNode value) {
            double most = value.asDouble();
            assertThat(loss.item_double()).isCloseTo(most, within(LOSS_RTOL * most));
        }

        void gradients() {
            var forced = json.get("forced_negatives");
            var losses = withNegatives(
                    forced.get("negative_index"), forced.get("negative_index"), new long[0], new ArrayList<>());
            losses.parts().forEach((part, loss) -> close(loss, forced.get(part)));
            model.backward(losses.total());
            Golden.assertGradients(model.namedParameters(), golden.tensors("expected_grads.safetensors"), 1e-4, 2e-7);
        }

        void features() {
            var ofImage = model.extractFeatures(image, List.of(), Mode.IMAGE);
            equal("features_image/image_embeds", ofImage.embeds());
            equal("features_image/image_embeds_proj", requireNonNull(ofImage.projected()));
            var ofText = model.extractFeatures(null, texts, Mode.TEXT);
            equal("features_text/text_embeds", ofText.embeds());
            equal("features_text/text_embeds_proj", requireNonNull(ofText.projected()));
            var ofBoth = model.extractFeatures(image, texts, Mode.MULTIMODAL);
            equal("features_multimodal/multimodal_embeds", ofBoth.embeds());
            assertThat(ofBoth.projected()).isNull();
        }

        void matchScores() {
            var tokens = tokens();
            assertThat(Tensors.rows(Golden.get(expected, "tokens/input_ids"))).isDeepEqualTo(tokens.ids());
            assertThat(Tensors.rows(Golden.get(expected, "tokens/attention_mask")))
                    .isDeepEqualTo(tokens.attentionMask());
            var ids = Tensors.of(tokens.ids(), image.device());
            var mask = Tensors.of(tokens.attentionMask(), image.device());
            var embeds = model.encodeImage(image);
            equal("compute_itm", model.itm(embeds, new TextTokens(ids, mask)).select(1, Blip2Qformer.MATCH));
            equal("forward_image/image_embeds", embeds);
            equal("forward_image/hidden", model.bridge().query(embeds));
            equal("forward_text/cls", model.readText(new TextTokens(ids, mask)).select(1, 0));
        }

        void simMatrix() {
            var sims = json.get("sim_matrix");
            var texts = Blip2Case.strings(sims.get("texts"));
            try (var comparison = model.comparison(sims.get("k_test").asInt())) {
                long start = 0;
                for (var size : sims.get("image_batches")) {
                    comparison.add(image.narrow(0, start, size.asLong()));
                    start += size.asLong();
                }
                comparison.compare(texts);
                close("sim_matrix/score_i2t", comparison, true);
                close("sim_matrix/score_t2i", comparison, false);
            }
        }

        private void close(String name, SimilarityRanker.Comparison comparison, boolean ofImages) {
            var reference = Golden.get(expected, name);
            for (int i = 0; i < reference.size(0); i++) {
                assertThat(comparison.scores(i, ofImages))
                        .as(name + " " + i)
                        .containsExactly(Tensors.floats(reference.select(0, i)), within((float) ATOL));
            }
        }

        void generate(JsonNode variant) {
            var config = Blip2Case.generation(GenerationConfig.lavis(), variant.get("kwargs"));
            int B = (int) image.size(0);
            assertThat(model.generateIds(image, B, config)).isDeepEqualTo(Blip2Case.ids(variant.get("token_ids")));
            assertThat(model.generate(image, config)).isEqualTo(Blip2Case.strings(variant.get("captions")));
        }

        void sample() {
            var variant = json.get("nucleus");
            var config = Blip2Case.generation(GenerationConfig.lavis(), variant.get("kwargs"))
                    .withNumBeams(1);
            TestDevice.assumeDrawsOfTheReference();
            RandomState.seed(variant.get("seed").asLong());
            assertThat(model.generate(image, config)).isEqualTo(Blip2Case.strings(variant.get("captions")));
        }

        void pairs() {
            for (int i = 0; i < texts.size(); i++) {
                var one = image.narrow(0, i, 1);
                var tokens = model.encode(
                        List.of(texts.get(i)), model.config().blip2().maxTxtLen(), new Padding.Longest());
                equal("itm_" + i, model.itm(model.encodeImage(one), TextTokens.of(tokens, golden.device())));
                equal(
                        "itc_" + i,
                        model.cosines(one, TextTokens.of(tokens, golden.device()))
                                .unsqueeze(1));
            }
        }

        void batch() {
            float[] probabilities = model.match(image, texts, MatchHead.ITM).values();
            float[] cosines = model.match(image, texts, MatchHead.ITC).values();
            for (int i = 0; i < texts.size(); i++) {
                float[] logits = Tensors.floats(Golden.get(expected, "itm_" + i));
                assertThat(probabilities[i])
                        .isCloseTo((float) (1 / (1 + Math.exp(logits[0] - logits[1]))), within((float) ATOL));
                assertThat(cosines[i])
                        .isCloseTo(Tensors.floats(Golden.get(expected, "itc_" + i))[0], within((float) ATOL));
            }
        }
    }
}
