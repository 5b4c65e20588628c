package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Labelled;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Blip2T5Test {

    private static final List<String> PROMPTS = List.of("a photo of", "Question: what is the dog doing? Answer:", "");

    private final PointerScope scope = new PointerScope();
    private final Golden golden = Golden.at(GoldenCases.of("d_blip2_t5").get(0));
    private final Tensor image = Golden.get(golden.tensors("inputs.safetensors"), "image");

    @BeforeEach
    void seed() {
        RandomState.seed(3);
    }

    @AfterEach
    void free() {
        scope.close();
    }

    private Blip2T5Config config() {
        return Blip2Case.t5Config(golden.json("expected.json"));
    }

    private Blip2T5 model() {
        return Blip2Case.t5Model(golden, config());
    }

    private static Texts texts(List<String> input, List<String> output) {
        return new Texts(input, output, new long[0], new double[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void captionsOfDifferentPromptsEqualThoseOfEachPromptAlone(int beams) {
        var model = model();
        var generation = GenerationConfig.lavis().withNumBeams(beams).withMaxLength(12);
        var together = model.generate(image, PROMPTS, generation);
        for (int b = 0; b < PROMPTS.size(); b++) {
            assertThat(model.generate(image.narrow(0, b, 1), PROMPTS.get(b), generation))
                    .containsExactly(together.get(b));
        }
        assertThat(together).doesNotHaveDuplicates();
    }

    @Test
    void theLossOfABatchIsTheMeanOverTheTokensOfItsMembers() {
        var model = model();
        var outputs = List.of("a small dog sitting on the table", "yes", "");
        double sum = 0, tokens = 0;
        for (int b = 0; b < 3; b++) {
            var one = texts(List.of(PROMPTS.get(b)), List.of(outputs.get(b)));
            int count = targets(model, one).targets().length;
            sum += count * model.forward(image.narrow(0, b, 1), one).total().item_double();
            tokens += count;
        }
        assertThat(model.forward(image, texts(PROMPTS, outputs)).total().item_double())
                .isCloseTo(sum / tokens, within(1e-4));
    }

    private static Labelled targets(Blip2T5 model, Texts texts) {
        var frozen = Blip2Case.frozen(model);
        return frozen.targets(texts.output(), frozen.outputs);
    }

    @Test
    void textsAreCutAtTheirLengthAndStillEnd() {
        var frozen = Blip2Case.frozen(model());
        int most = config().blip2().maxTxtLen();
        var input = frozen.tokenizer.encode(List.of("a cat ".repeat(40)), frozen.inputs);
        assertThat(input.ids()[0]).hasSize(most).endsWith(1);
        assertThat(frozen.targets(List.of("a dog ".repeat(40)), frozen.outputs).targets())
                .hasSize(most)
                .endsWith(1);
    }

    @Test
    void scoresAreTheTrainingLossWithTheSignChanged() {
        var model = model();
        var candidates = List.of("a small dog sitting on the table", "yes", "two red buses");
        var one = image.narrow(0, 1, 1);
        try (var prepared = model.candidates(candidates, 2)) {
            float[] scores = prepared.score(one);
            for (int i = 0; i < candidates.size(); i++) {
                var alone = texts(List.of(model.prompt()), List.of(candidates.get(i)));
                assertThat((double) scores[i])
                        .isCloseTo(-model.forward(one, alone).total().item_double(), within(1e-4));
            }
            assertThatThrownBy(() -> prepared.score(image))
                    .hasMessage("expected one image (1, 3, S, S), got (3, 3, 42, 42)");
        }
        assertThatThrownBy(() -> model.candidates(List.of()))
                .hasMessage("expected at least one text to score and 1 in a batch, got 0 and 64");
    }

    @Test
    void captionsWithoutOutputsAreRefusedByName() {
        var model = model();
        assertThatThrownBy(() -> model.prepare(Texts.of(PROMPTS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one text_output for each, got 3 and 0")
                .hasMessageContaining("captions alone have no text_output")
                .hasMessageContaining("blip2_opt");
        assertThatThrownBy(() -> model.prepare(texts(PROMPTS, List.of("one")))).hasMessageContaining("got 3 and 1;");
        assertThatThrownBy(() -> model.prepare(Texts.of(List.of()))).hasMessageContaining("got 0 and 0");
    }

    @Test
    void asManyTextsAsImagesAreExpected() {
        var model = model();
        assertThatThrownBy(() -> model.forward(image, texts(List.of("a"), List.of("b"))))
                .hasMessage("expected as many texts as images, got 1 and 3");
        assertThatThrownBy(() -> model.generate(image, List.of("a"), GenerationConfig.lavis()))
                .hasMessage("expected as many texts as images, got 1 and 3");
    }

    @Test
    void anEmptyBatchIsRefused() {
        assertThatThrownBy(() -> model().generate(image.narrow(0, 0, 0), List.of(), GenerationConfig.lavis()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at least one image and text, got none");
    }

    @Test
    void aTokenizerOfALargerModelIsRefused() {
        var base = config();
        var t5 = base.t5();
        var narrow = new T5Config(
                7,
                t5.dModel(),
                t5.dKv(),
                t5.dFf(),
                1,
                1,
                t5.numHeads(),
                8,
                16,
                0,
                1e-6,
                t5.denseActFn(),
                false,
                0,
                1,
                0);
        assertThatThrownBy(() -> Blip2Case.t5Model(golden, new Blip2T5Config(base.blip2(), narrow, "", Precision.FP32)))
                .hasMessageStartingWith("the tokenizer has ")
                .hasMessageContaining("T5's word table 7");
    }

    @Test
    void t5IsNeitherTrainedNorSavedButDropsOutInTrainMode() {
        var model = model();
        model.train(true);
        assertThat(model.languageModel().isTraining()).isTrue();
        assertThat(model.trainableParameters()).containsKeys("ln_vision.weight", "query_tokens", "t5_proj.bias");
        assertThat(model.trainableStateDict().keySet()).noneMatch(name -> name.startsWith("t5_model."));
    }

    @Test
    void bfloat16IsKeptOnACpuAndScoresNearlyTheSame() {
        var base = config();
        var model = Blip2Case.t5Model(golden, new Blip2T5Config(base.blip2(), base.t5(), "", Precision.BF16));
        assertThat(Tensors.dtype(Golden.get(model.stateDict(), "t5_model.shared.weight")))
                .isEqualTo(ScalarType.BFloat16);
        var texts = texts(PROMPTS, List.of("a dog", "it is running", "yes"));
        double full = model().forward(image, texts).total().item_double();
        assertThat(model.forward(image, texts).total().item_double()).isBetween(0.98 * full, 1.02 * full);
        assertThat(model.generate(image, GenerationConfig.lavis())).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"Float", "Half", "BFloat16"})
    void queryOutputsOfAnyTypeJoinWordsInFloat32(ScalarType dtype) {
        var base = config();
        var model = Blip2Case.t5Model(golden, new Blip2T5Config(base.blip2(), base.t5(), "", Precision.BF16));
        var frozen = Blip2Case.frozen(model);
        var input = frozen.tokenizer.encode(PROMPTS, frozen.inputs);
        var joined = frozen.prepend(model.queries(image, null).to(dtype), Tensors.of(input.ids(), golden.device()));
        assertThat(Tensors.dtype(joined)).isEqualTo(ScalarType.Float);
    }

    @Test
    void whatNoFileFillsIsInitialised() {
        try (var model = Blip2T5.open(
                config(), GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("t5"), Devices.cpu())) {
            model.initializeUnset();
            assertThat(model.unsetParameters()).isNotEmpty().allMatch(name -> name.startsWith("t5_model."));
            model.initialize();
            assertThat(model.unsetParameters()).isEmpty();
        }
    }
}
