package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.FeatureExtractor.Mode;
import io.lavis4j.model.Texts;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch gives what its members give one by one, with prompts and texts of different lengths. */
class BatchIndependenceTest {

    private static final double ATOL = 1e-4;
    private static final List<String> PROMPTS =
            List.of("a photo of", "Question: what is the dog doing? Answer:", "two");
    private static final List<String> TEXTS =
            List.of("a small dog sitting on the table", "yes", "two red buses in the street");

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void free() {
        scope.close();
    }

    private static Golden golden(String kind) {
        return Golden.at(GoldenCases.of(kind).get(0));
    }

    private static Tensor image(Golden golden) {
        return Golden.get(golden.tensors("inputs.safetensors"), "image").narrow(0, 0, 3);
    }

    private static Blip2ConditionalGeneration<?, ?> model(Golden golden) {
        var expected = golden.json("expected.json");
        return switch (golden.name().replaceFirst("@.*", "")) {
            case "c_blip2_opt" -> Blip2Case.model(golden, "");
            case "d_blip2_t5" -> Blip2Case.t5Model(golden, Blip2Case.t5Config(expected));
            case "d_blip2_t5_instruct" ->
                Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(golden.json("expected.json")));
            default -> Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(expected));
        };
    }

    @ParameterizedTest
    @CsvSource({
        "c_blip2_opt, 1",
        "c_blip2_opt, 4",
        "d_blip2_t5, 1",
        "d_blip2_t5, 4",
        "d_blip2_t5_instruct, 1",
        "d_blip2_t5_instruct, 4",
        "d_blip2_vicuna_instruct, 1",
        "d_blip2_vicuna_instruct, 4"
    })
    void aBatchWritesTheTokensOfItsMembers(String kind, int numBeams) {
        var golden = golden(kind);
        var image = image(golden);
        var model = model(golden);
        var generation = model.generateDefaults().withNumBeams(numBeams).withMaxLength(12);
        long[][] together = model.generateIds(image, PROMPTS, generation);
        for (int b = 0; b < 3; b++) {
            long[] alone = model.generateIds(image.narrow(0, b, 1), PROMPTS.subList(b, b + 1), generation)[0];
            assertThat(Arrays.copyOf(together[b], alone.length)).containsExactly(alone);
            assertThat(LongStream.of(together[b]).skip(alone.length).distinct()).hasSizeLessThan(2); // padding
        }
        var answers = model.predictAnswers(image, PROMPTS, "Question: {} Answer:", model.answerDefaults());
        for (int b = 0; b < 3; b++) {
            assertThat(model.predictAnswers(
                            image.narrow(0, b, 1),
                            PROMPTS.subList(b, b + 1),
                            "Question: {} Answer:",
                            model.answerDefaults()))
                    .containsExactly(answers.get(b));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c_blip2_opt", "d_blip2_t5", "d_blip2_t5_instruct", "d_blip2_vicuna_instruct"})
    void aBatchRanksTheCandidatesOfItsMembersInAnyNumberOfSegments(String kind) {
        var golden = golden(kind);
        var image = image(golden);
        var model = model(golden);
        var candidates = List.of("dog", "a red bus", "yes it is", "2", "cat");
        double[][] together = model.candidateLosses(image, PROMPTS, List.of(candidates, candidates, candidates), 1);
        int[][] ranks = model.predictClass(image, PROMPTS, candidates, 2);
        for (int b = 0; b < 3; b++) {
            var one = image.narrow(0, b, 1);
            double[] alone = model.candidateLosses(one, PROMPTS.subList(b, b + 1), List.of(candidates), 3)[0];
            assertThat(together[b]).containsExactly(alone, within(ATOL));
            assertThat(ranks[b]).containsExactly(Order.by(i -> alone[i], alone.length));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"d_blip2_t5", "d_blip2_t5_instruct", "d_blip2_vicuna_instruct"})
    void aScoreIsTheTrainingLossWithTheSignChanged(String kind) {
        var golden = golden(kind);
        var one = image(golden).narrow(0, 1, 1);
        var model = model(golden);
        try (var candidates = model.candidates(TEXTS, 2)) {
            float[] scores = candidates.score(one);
            for (int i = 0; i < 3; i++) {
                var texts = new Texts(List.of(model.prompt()), TEXTS.subList(i, i + 1), new long[0], new double[0]);
                double loss = model.forward(one, texts).total().item_double();
                assertThat((double) scores[i]).isCloseTo(-loss, within(ATOL));
            }
        }
    }

    @Test
    void theCandidatesOfOptAreScoredAsTextsAfterThePrompt() {
        var golden = golden("c_blip2_opt");
        var one = image(golden).narrow(0, 1, 1);
        var model = Blip2Case.model(golden, "a photo of");
        var answers = List.of("a dog", "two small cats", "it");
        var texts = answers.stream().map(answer -> "a photo of " + answer).toList();
        double[] losses = model.candidateLosses(one, List.of("a photo of"), List.of(answers), 1)[0];
        for (int i = 0; i < 3; i++) {
            var text = texts.subList(i, i + 1);
            int words = Blip2Case.frozen(model).labelled(text).targets().length;
            double mean = model.forward(one, Texts.of(text)).total().item_double();
            assertThat(losses[i]).isCloseTo(mean * words, within(words * ATOL));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c_blip2_opt", "d_blip2_t5"})
    void framesOfASampleAreReadOneByOne(String kind) {
        var golden = golden(kind);
        var image = image(golden);
        var model = model(golden);
        var frames = Tensors.cat(1, image.unsqueeze(1), image.flip(0).unsqueeze(1)); // (3, 2, 3, S, S)
        var expected = Tensors.cat(1, model.queries(image, null), model.queries(image.flip(0), null));
        Golden.assertClose("queries", model.queries(frames, null), expected, 1e-5, 0);
        assertThat(model.generate(frames, PROMPTS, GenerationConfig.lavis().withMaxLength(8)))
                .hasSize(3);
    }

    @Test
    void theFirstStageComparesAndDescribesABatchAsItsMembers() {
        var golden = golden("e_blip2_qformer_stage1");
        var image = image(golden);
        var model = Blip2Case.stage1(golden);
        ToDoubleFunction<Integer> itm =
                b -> model.itm(image.narrow(0, b, 1), TEXTS.subList(b, b + 1)).values()[0];
        ToDoubleFunction<Integer> itc =
                b -> model.itc(image.narrow(0, b, 1), TEXTS.subList(b, b + 1)).values()[0];
        float[] matches = model.itm(image, TEXTS).values(),
                cosines = model.itc(image, TEXTS).values();
        var captions = model.generate(image, GenerationConfig.lavis().withNumBeams(3));
        var text = model.extractFeatures(null, TEXTS, Mode.TEXT).embeds();
        var both = model.extractFeatures(image, TEXTS, Mode.MULTIMODAL).embeds();
        var alone = IntStream.range(0, 3)
                .mapToObj(b -> model.generate(
                                image.narrow(0, b, 1), GenerationConfig.lavis().withNumBeams(3))
                        .get(0))
                .toList();
        assertThat(captions).isEqualTo(alone);
        for (int b = 0; b < 3; b++) {
            assertThat((double) matches[b]).isCloseTo(itm.applyAsDouble(b), within(ATOL));
            assertThat((double) cosines[b]).isCloseTo(itc.applyAsDouble(b), within(ATOL));
            var own = model.extractFeatures(null, TEXTS.subList(b, b + 1), Mode.TEXT)
                    .embeds();
            Golden.assertClose("text " + b, text.narrow(0, b, 1).narrow(1, 0, own.size(1)), own, ATOL, 0);
            var ownBoth = model.extractFeatures(image.narrow(0, b, 1), TEXTS.subList(b, b + 1), Mode.MULTIMODAL);
            Golden.assertClose("both " + b, both.narrow(0, b, 1), ownBoth.embeds(), ATOL, 0);
        }
    }
}
