package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.randn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.task.CaptioningConfig;
import io.lavis4j.task.CaptioningTask;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Blip2OptTest {

    private final PointerScope scope = new PointerScope();
    private final Golden golden = Golden.at(GoldenCases.of("c_blip2_opt").get(0));
    private final Tensor image = Golden.get(golden.tensors("inputs.safetensors"), "image");

    @BeforeEach
    void seed() {
        RandomState.seed(3);
    }

    @AfterEach
    void free() {
        scope.close();
    }

    private Blip2OptConfig config(String prompt) {
        return Blip2Case.config(golden.json("expected.json"), prompt);
    }

    private Blip2Opt model(Blip2OptConfig config) {
        var model = new Blip2Opt(config, Blip2Case.tokenizer(golden), Devices.cpu());
        model.load(golden.tensors("weights.safetensors")).requireComplete("weights");
        model.eval();
        return model;
    }

    @Test
    void aPromptLeavesRoomForAText() {
        var base = config("");
        String prompt = "a ".repeat(base.blip2().maxTxtLen()).strip();
        assertThatThrownBy(() -> model(config(prompt)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("prompt is \"" + prompt + "\", which takes ")
                .hasMessageContaining("max_txt_len is " + base.blip2().maxTxtLen());
    }

    @Test
    void aTokenizerThatKnowsMoreWordsThanTheModelIsRefused() {
        var base = config("");
        var json = (ObjectNode) golden.json("expected.json").get("config").get("opt");
        var smaller = OptConfig.of(json.put("vocab_size", 7)).withDropout(0);
        assertThatThrownBy(() -> model(new Blip2OptConfig(base.blip2(), smaller, "", Precision.FP32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "the language model's word table 7; expected a tokenizer.json and a config.json of");
    }

    @Test
    void anImageIsEncodedOnceWhateverTheNumberOfBeamsAndCaptions() {
        var calls = new AtomicInteger();
        var base = config("");
        var counted = new Blip2OptConfig(
                new Blip2Config(
                        new CountingConfig(base.blip2().vision(), calls),
                        base.blip2().lnVisionEps(),
                        base.blip2().qformer(),
                        base.blip2().maxTxtLen(),
                        true,
                        false,
                        Precision.FP32),
                base.opt(),
                "",
                Precision.FP32);
        model(counted).generate(image, GenerationConfig.lavis().withNumBeams(5).withNumReturnSequences(3));
        assertThat(calls).hasValue(1);
    }

    @Test
    void captionsOfDifferentPromptsEqualThoseOfEachPromptAlone() {
        var model = model(config(""));
        var generation = GenerationConfig.lavis().withMaxLength(12);
        var prompts = List.of("a photo of", "", "a photo of a small", "a");
        var together = model.generate(image, prompts, generation);
        for (int b = 0; b < prompts.size(); b++) {
            assertThat(model.generate(image.narrow(0, b, 1), prompts.get(b), generation))
                    .containsExactly(together.get(b));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a photo of"})
    void textsTokenizedByALoaderGiveTheSameLossAndGradientsBitForBit(String prompt) {
        var model = model(config(prompt));
        var texts = List.of(
                "a photo of a dog",
                "a photo of two small dogs " + "and a cat ".repeat(40),
                "a photo of x",
                "a photo of it");
        var byTexts = lossAndGradient(model, () -> model.forward(image, Texts.of(texts)));
        var prepared = model.prepare(Texts.of(texts));
        assertThat(lossAndGradient(model, () -> prepared.loss(image))).isEqualTo(byTexts);
        assertThat(Blip2Case.frozen(model).labelled(texts).ids())
                .hasDimensions(4, config(prompt).blip2().maxTxtLen());

        var batch = new Batch(
                image.clone(),
                Texts.of(List.of("other", "words", "altogether", "here")),
                prepared,
                texts.stream().map(text -> SampleTexts.of(text, text)).toList(),
                null);
        var task = new CaptioningTask(CaptioningConfig.read(Section.root(Map.of())));
        assertThat(lossAndGradient(model, () -> task.trainStep(model, batch)))
                .as("the task trains on what the loader prepared")
                .isEqualTo(byTexts);
        assertThatThrownBy(
                        () -> model.prepare(Texts.of(List.of("a photo of one"))).loss(image))
                .hasMessage("expected as many texts as images, got 1 and 4");
    }

    /** The loss, and the gradient of the query tokens. */
    private static List<Float> lossAndGradient(Blip2Opt model, Supplier<Losses> forward) {
        var queries = Golden.get(model.namedParameters(), "query_tokens");
        model.zeroGrad();
        var loss = forward.get().total();
        model.backward(loss);
        var numbers = new ArrayList<>(List.of(loss.item_float()));
        for (float number : Tensors.floats(queries.grad())) {
            numbers.add(number);
        }
        return numbers;
    }

    @Test
    void asManyTextsAsImagesAreExpected() {
        var model = model(config(""));
        assertThatThrownBy(() -> model.forward(image, Texts.of(List.of("one"))).total())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected as many texts as images, got 1 and 4");
    }

    @Test
    void aBatchWithoutAWordBehindThePromptIsRefused() {
        var model = model(config("a photo of a small dog sitting on the table"));
        assertThatThrownBy(() -> model.forward(image, Texts.of(List.of("a", "b", "c", "d")))
                        .total())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("texts must start with the prompt \"a photo of a small dog");
    }

    @Test
    void anOptWithNarrowWordVectorsIsRefused() {
        var base = config("");
        assertThatThrownBy(() -> new Blip2OptConfig(
                        new Blip2Config(
                                base.blip2().vision(), 1e-5, base.blip2().qformer(), 32, true, false, Precision.FP32),
                        OptConfig.published("opt-350m"),
                        "",
                        Precision.FP32))
                .hasMessageContaining("opt-350m is not one");
    }

    @Test
    void noGradientOfTheTokensOfAFrozenEncoderIsComputed() {
        var bridge = model(config("")).bridge();

        var trained = bridge.imageTokens(image);
        assertThat(trained.rows().requires_grad()).isFalse();
        assertThat(trained.affine()).isNotNull();

        try (var noGrad = new NoGradGuard()) {
            assertThat(bridge.imageTokens(image).affine()).isNull();
        }
        try (var mixed = Autocast.ofRun(Devices.cpu(), Precision.BF16)) {
            assertThat(bridge.imageTokens(image).affine()).isNull();
        }
    }

    @Test
    void aFrozenEncoderStaysInEvalModeAndOutOfTheOptimizerAndTheCheckpoint() {
        var model = model(config(""));
        model.train(true);
        assertThat(model.visualEncoder().module().isTraining()).isFalse();
        assertThat(model.languageModel().isTraining()).isTrue();
        assertThat(model.trainableParameters().keySet()).noneMatch(name -> name.startsWith("visual_encoder."));
        assertThat(model.trainableParameters()).containsKeys("ln_vision.weight", "query_tokens", "opt_proj.bias");
        assertThat(model.trainableStateDict().keySet())
                .noneMatch(name -> name.startsWith("visual_encoder.") || name.startsWith("opt_model."))
                .contains("Qformer.bert.embeddings.position_ids");
    }

    @Test
    void bfloat16IsKeptOnACpuAndFloat16BecomesFloat32() {
        var base = config("");
        var model = model(new Blip2OptConfig(
                new Blip2Config(
                        base.blip2().vision(),
                        base.blip2().lnVisionEps(),
                        base.blip2().qformer(),
                        base.blip2().maxTxtLen(),
                        true,
                        false,
                        Precision.FP16),
                base.opt(),
                "",
                Precision.BF16));
        var state = model.stateDict();
        assertThat(Tensors.dtype(Golden.get(state, "visual_encoder.blocks.0.mlp.fc1.weight")))
                .isEqualTo(ScalarType.Float);
        assertThat(Tensors.dtype(Golden.get(state, "opt_model.lm_head.weight"))).isEqualTo(ScalarType.BFloat16);

        var texts = List.of("a dog", "two cats", "a red bus", "zebra");
        double full = model(base).forward(image, Texts.of(texts)).total().item_double();
        assertThat(model.forward(image, Texts.of(texts)).total().item_double()).isBetween(0.98 * full, 1.02 * full);
        assertThat(model.generate(image, GenerationConfig.lavis())).hasSize(4);
    }

    @Test
    void oneImageMakesOneCaptionEvenWithoutAnyWordToSay() {
        var model = model(config(""));
        assertThat(model.generate(randn(1, 3, 42, 42), GenerationConfig.lavis().withMaxLength(2)))
                .hasSize(1);
    }

    /** Counts the calls of a vision encoder. */
    private record CountingConfig(VisionEncoderConfig real, AtomicInteger calls) implements VisionEncoderConfig {

        @Override
        public VisionEncoder create() {
            var encoder = real.create();
            return new VisionEncoder() {
                @Override
                public Tensor forward(Tensor image) {
                    calls.incrementAndGet();
                    return encoder.forward(image);
                }

                @Override
                public int numFeatures() {
                    return encoder.numFeatures();
                }

                @Override
                public int imageSize() {
                    return encoder.imageSize();
                }

                @Override
                public int getNumLayer(String name) {
                    return encoder.getNumLayer(name);
                }

                @Override
                public int getNumLayer() {
                    return encoder.getNumLayer();
                }

                @Override
                public void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint) {
                    encoder.useGradientCheckpoint(checkpoint);
                }

                @Override
                public void initialize() {
                    encoder.initialize();
                }

                @Override
                public Module module() {
                    return encoder.module();
                }
            };
        }

        @Override
        public int imageSize() {
            return real.imageSize();
        }

        @Override
        public int patchSize() {
            return real.patchSize();
        }

        @Override
        public int numFeatures() {
            return real.numFeatures();
        }
    }
}
