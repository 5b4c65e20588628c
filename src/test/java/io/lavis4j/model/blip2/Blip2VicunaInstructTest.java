package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.processor.Questions;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Blip2VicunaInstructTest {

    private static final List<String> PROMPTS =
            List.of("a photo of", "Question: what is the dog doing? Answer:", "is there");

    private final PointerScope scope = new PointerScope();
    private final Golden golden =
            Golden.at(GoldenCases.of("d_blip2_vicuna_instruct").get(0));
    private final Blip2VicunaInstructConfig config = Blip2Case.vicunaConfig(golden.json("expected.json"));
    private final Tensor image = Golden.get(golden.tensors("inputs.safetensors"), "image");

    @AfterEach
    void free() {
        scope.close();
    }

    private Blip2VicunaInstruct model() {
        return Blip2Case.vicuna(golden, config);
    }

    private Path tokenizer(String name) {
        return GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve(name);
    }

    private static Texts texts(List<String> input, List<String> output) {
        return new Texts(input, output, new long[0], new double[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aSampleGetsTheSameTextsAloneAndAmongOthers(int numBeams) {
        var model = model();
        var generation = model.generateDefaults().withNumBeams(numBeams).withMaxLength(12);
        var alone = new ArrayList<String>();
        for (int b = 0; b < PROMPTS.size(); b++) {
            alone.addAll(model.generate(image.narrow(0, b, 1), PROMPTS.subList(b, b + 1), generation));
        }
        assertThat(model.generate(image, PROMPTS, generation)).isEqualTo(alone);
    }

    @Test
    void theLossIsThatOfTheSamplesWeightedByTheirAnswersTokens() {
        var model = model();
        var output = List.of("a small dog", "it is running near the old bridge", "yes");
        double sum = 0;
        int tokens = 0;
        try (var noGrad = new NoGradGuard()) {
            for (int b = 0; b < 3; b++) {
                var one = texts(PROMPTS.subList(b, b + 1), output.subList(b, b + 1));
                int targets = Blip2Case.frozen(model).labelled(one).targets().length;
                sum += targets
                        * model.forward(image.narrow(0, b, 1), one).total().item_double();
                tokens += targets;
            }
            assertThat(model.forward(image, texts(PROMPTS, output)).total().item_double())
                    .isCloseTo(sum / tokens, within(1e-5));
        }
    }

    @Test
    void anAnswerStandsDirectlyAfterItsInstruction() {
        var labelled = Labelled.answers(new long[][] {{2, 5}, {2, 6, 7}}, new long[][] {{2, 8, 9}, {2, 3}}, 99);
        assertThat(labelled.ids()).isDeepEqualTo(new long[][] {{2, 5, 8, 9}, {2, 6, 7, 3}});
        assertThat(labelled.positions()).containsExactly(2, 3, 7);
        assertThat(labelled.targets()).containsExactly(8, 9, 3);
        var padded = Labelled.answers(new long[][] {{2}, {2, 6, 7}}, new long[][] {{2, 8}, {2, 3}}, 99);
        assertThat(padded.ids()).isDeepEqualTo(new long[][] {{2, 8, 99, 99}, {2, 6, 7, 3}});
        assertThat(padded.attentionMask()).isDeepEqualTo(new long[][] {{1, 1, 0, 0}, {1, 1, 1, 1}});
    }

    @Test
    void ranksDoNotDependOnSegmentsOrOnOtherSamples() {
        var model = model();
        var candidates = List.of("dog", "cat", "a red bus", "yes it is", "2");
        int[][] ranks = model.predictClass(image, PROMPTS, candidates, 1);
        for (int segments = 2; segments <= 6; segments++) {
            assertThat(model.predictClass(image, PROMPTS, candidates, segments))
                    .as("%d segments", segments)
                    .isDeepEqualTo(ranks);
        }
        for (int b = 0; b < 3; b++) {
            assertThat(model.predictClass(image.narrow(0, b, 1), PROMPTS.subList(b, b + 1), candidates, 2)[0])
                    .isEqualTo(ranks[b]);
        }
    }

    @Test
    void candidatesOfEachImageMayDifferInNumber() {
        int[][] ranks = model().predictOwnClass(
                        image, PROMPTS, List.of(List.of("dog"), List.of("a", "b", "c"), List.of("yes", "no")), 2);
        assertThat(Arrays.stream(ranks).map(row -> row.length)).containsExactly(1, 3, 2);
    }

    @Test
    void ocrTokensAndChoicesAreReadInTheirPlaces() {
        var model = model();
        var generation = model.answerDefaults();
        var questions = Questions.of(List.of("what", "who", "where"));
        var choices = questions.withChoices(Collections.nCopies(3, List.of("dog", "cat")));
        assertThat(model.predictAnswers(image, choices, "Question: {} Options: {} Answer:", generation))
                .isEqualTo(model.generate(
                        image,
                        List.of(
                                "Question: what Options: (a) dog (b) cat Answer:",
                                "Question: who Options: (a) dog (b) cat Answer:",
                                "Question: where Options: (a) dog (b) cat Answer:"),
                        generation));
        var read = questions.withOcrTokens(List.of(List.of("stop"), List.of("a", "b"), List.of()));
        assertThat(model.predictAnswers(image, read, "Words: {}. Question: {}", generation))
                .isEqualTo(model.generate(
                        image,
                        List.of(
                                "Words: stop. Question: what",
                                "Words: a, b. Question: who",
                                "Words: . Question: where"),
                        generation));
        assertThatThrownBy(() -> model.predictAnswers(image, List.of("a", "b", "c"), "{} {}", generation))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected ocr_tokens or choices");
    }

    @Test
    void oneFrameIsAnImage() {
        var model = model();
        var tokens = model.instructions(PROMPTS);
        Golden.assertClose("queries", model.queries(image.unsqueeze(1), tokens), model.queries(image, tokens), 1e-6, 0);
    }

    @Test
    void framesAreReadOnTheirOwnAndStandOneAfterTheOther() {
        var model = model();
        var tokens = model.instructions(PROMPTS);
        var frames = Tensors.cat(1, image.unsqueeze(1), image.flip(0).unsqueeze(1)); // (3, 2, 3, S, S)
        var expected = Tensors.cat(1, model.queries(image, tokens), model.queries(image.flip(0), tokens));
        Golden.assertClose("queries", model.queries(frames, tokens), expected, 1e-5, 0);
    }

    @Test
    void framesNeedTheirColoursAfterTheirNumber() {
        var frames = image.unsqueeze(2).expand(3, 3, 5, 42, 42);
        assertThatThrownBy(() -> model().generate(frames, PROMPTS, GenerationConfig.lavis()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected frames (B, F, 3, S, S), got (3, 3, 5, 42, 42)");
    }

    @Test
    void theWordForPaddingIsNeverWritten() {
        var model = model();
        int pad = config.llama().padTokenId();
        try (var noGrad = new NoGradGuard()) {
            // the likeliest word of all
            var head = Golden.get(model.languageModel().namedParameters(), "lm_head.weight");
            var best = model.generateIds(
                    image, PROMPTS, model.generateDefaults().withNumBeams(1).withMaxLength(3));
            head.select(0, pad).copy_(head.select(0, best[0][1]).mul(Tensors.scalar(2)));
        }
        var generation = model.generateDefaults().withMaxLength(8);
        try (var noGrad = new NoGradGuard()) {
            var queries = model.queries(image, model.instructions(PROMPTS));
            var tokens = Blip2Case.frozen(model)
                    .tokenizer
                    .encode(PROMPTS, EncodeOptions.plain().padded(new Padding.Longest(), Side.LEFT));
            var freely =
                    new CausalText(model.languageModel()).generate(queries, tokens, 1, generation, new EndTokens(2, 0));
            assertThat(Arrays.stream(freely).flatMapToLong(Arrays::stream)).contains((long) pad);
        }
        var ids = model.generateIds(image, PROMPTS, generation);
        assertThat(Arrays.stream(ids).flatMapToLong(Arrays::stream)).doesNotContain((long) pad);
    }

    @Test
    void withoutTextTheQFormerReadsImagesAlone() {
        var blind = new Blip2VicunaInstructConfig(
                config.blip2(), config.llama(), "", config.maxOutputTxtLen(), false, config.precision());
        var model = Blip2Case.vicuna(golden, blind);
        assertThat(model.instructions(PROMPTS)).isNull();
        assertThat(model.namedParameters()).doesNotContainKey("Qformer.bert.embeddings.word_embeddings.weight");
        assertThat(model.generate(image, PROMPTS, GenerationConfig.lavis())).hasSize(3);
        assertThatThrownBy(() -> Blip2VicunaInstruct.open(blind, tokenizer("llama"), tokenizer("bert"), Devices.cpu()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a tokenizer of the Q-Former only if it reads instructions, got one");
        assertThatThrownBy(() -> Blip2VicunaInstruct.open(config, tokenizer("llama"), null, Devices.cpu()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a tokenizer of the Q-Former as it reads instructions, got none");
    }

    @Test
    void textsThatDoNotFitOneAnotherOrTheImagesAreRefused() {
        var model = model();
        assertThatThrownBy(() -> model.prepare(texts(PROMPTS, List.of("yes"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "expected at least one text_input, and one text_output for each, got 3 and 1; captions");
        assertThatThrownBy(() -> model.prepare(Texts.of(PROMPTS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 3 and 0;");
        assertThatThrownBy(() -> model.forward(image, texts(List.of("a"), List.of("b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected as many texts as images, got 1 and 3");
        assertThatThrownBy(() -> model.generate(image, List.of("a"), GenerationConfig.lavis()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected as many texts as images, got 1 and 3");
    }

    @Test
    void candidatesThatCannotBeRankedAreRefused() {
        var model = model();
        assertThatThrownBy(() -> model.predictClass(image, PROMPTS, List.of("dog", ""), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("text 1 of 2 is empty; expected at least one word");
        assertThatThrownBy(() -> model.predictClass(image, PROMPTS, List.of(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at least one text to score and 1 in a batch, got 0 and 1");
        assertThatThrownBy(() -> model.predictClass(image, PROMPTS, List.of("dog"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected candidates of each of 3 images and at least 1 segment, got 3 and 0");
        assertThatThrownBy(() -> model.predictOwnClass(image, PROMPTS, List.of(List.of("dog")), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected candidates of each of 3 images and at least 1 segment, got 1 and 1");
    }

    @Test
    void aTokenizerOfAnotherModelIsRefused() {
        var tokenizer = Tokenizer.llama(tokenizer("llama"), Map.of(SpecialToken.PAD, "<unk>"));
        assertThatThrownBy(() -> new Blip2VicunaInstruct(config, tokenizer, null, Devices.cpu()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a tokenizer.model and a config.json of one model");
        tokenizer.close();
    }

    @Test
    void aQFormersTokenizerWithMoreWordsThanItsTableIsRefused() {
        var base = config.blip2();
        var words = new QFormerConfig(8, 32, 4, 4, 64, 2, base.vision().numFeatures(), 100, 64, 1e-12, 0);
        var blip2 = new Blip2Config(base.vision(), base.lnVisionEps(), words, 12, true, false, base.vitPrecision());
        try (var tokenizer = Tokenizer.qformer(tokenizer("bert"))) {
            assertThatThrownBy(() -> Instructions.of(blip2, true, tokenizer))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the Q-Former's tokenizer has 381 tokens, its word table 100; expected the tokenizer of bert-base-uncased");
        }
    }

    @Test
    void instructionsFitTheQFormersPositions() {
        var blip2 = config.blip2();
        assertThatThrownBy(() -> new Blip2VicunaInstructConfig(
                        new Blip2Config(
                                blip2.vision(),
                                blip2.lnVisionEps(),
                                blip2.qformer(),
                                65,
                                true,
                                false,
                                blip2.vitPrecision()),
                        config.llama(),
                        "",
                        12,
                        true,
                        config.precision()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max_txt_len is 65; expected at most 64, the positions of the Q-Former");
        assertThatThrownBy(() -> new Blip2VicunaInstructConfig(blip2, config.llama(), "", 1, true, config.precision()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxOutputTxtLen must be at least 2, got 1");
    }
}
