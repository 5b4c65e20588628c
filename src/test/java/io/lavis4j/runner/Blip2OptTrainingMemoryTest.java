package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.nn.StepResult;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.RandomState;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training steps and inference of a small BLIP-2: recomputation changes no number, and nothing is left behind. */
class Blip2OptTrainingMemoryTest {

    private static final Golden GOLDEN = Golden.at(GoldenCases.root().resolve("c_blip2_opt_train_train_vit"));

    /** The case's model; {@code random} is the rate of dropout and drop path. */
    private static Blip2Opt model(GradientCheckpoint.@Nullable Mode mode, boolean freezeVit, double random) {
        TestDevice.assumeAvailable();
        var expected = GOLDEN.json("expected.json");
        var config =
                Blip2Case.config(expected, expected.get("config").get("prompt").asText());
        try {
            System.setProperty("lavis4j.checkpoint", mode == null ? "hooks" : mode.toString());
            var model = Blip2Case.model(GOLDEN, with(config, mode != null, freezeVit, random));
            model.train(true);
            return model;
        } finally {
            System.clearProperty("lavis4j.checkpoint");
        }
    }

    private static Blip2OptConfig with(Blip2OptConfig c, boolean gradCheckpoint, boolean freezeVit, double random) {
        var v = (EvaVitConfig) c.blip2().vision();
        var q = c.blip2().qformer();
        return new Blip2OptConfig(
                new Blip2Config(
                        new EvaVitConfig(
                                v.imageSize(),
                                v.patchSize(),
                                v.embedDim(),
                                v.depth(),
                                v.numHeads(),
                                v.mlpHidden(),
                                random,
                                v.layerNormEps()),
                        c.blip2().lnVisionEps(),
                        new QFormerConfig(
                                q.numQueries(),
                                q.hiddenSize(),
                                q.numLayers(),
                                q.numHeads(),
                                q.intermediateSize(),
                                q.crossAttentionFreq(),
                                q.encoderWidth(),
                                q.vocabSize(),
                                q.maxPositions(),
                                q.layerNormEps(),
                                random),
                        c.blip2().maxTxtLen(),
                        freezeVit,
                        gradCheckpoint,
                        c.blip2().vitPrecision()),
                c.opt().withDropout(random),
                c.prompt(),
                c.precision());
    }

    private static Tensor image(int batch) {
        return Golden.get(GOLDEN.tensors("inputs.safetensors"), "image_" + batch);
    }

    private static List<String> texts(int batch) {
        return Blip2Case.strings(GOLDEN.json("expected.json").get("text_input").get(batch));
    }

    /** The gradients of two batches, accumulated. */
    private static StepResult twoBatches(Blip2Opt model, Consumer<Tensor> backward) {
        try (var scope = new PointerScope()) {
            RandomState.seed(11);
            float losses = 0;
            for (int batch = 0; batch < 2; batch++) {
                var loss = model.forward(image(batch), Texts.of(texts(batch))).total();
                backward.accept(loss);
                losses += loss.item_float();
            }
            return StepResult.now(losses, model.trainableParameters());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HOOKS, false, 0",
        "HOOKS, false, 0.3",
        "HOOKS, true, 0.3",
        "SEGMENTED, false, 0",
        "SEGMENTED, false, 0.3",
        "SEGMENTED, true, 0.3"
    })
    void recomputationChangesNoNumber(GradientCheckpoint.Mode mode, boolean freezeVit, double random) {
        try (var plain = model(null, freezeVit, random);
                var recomputing = model(mode, freezeVit, random)) {
            twoBatches(recomputing, recomputing::backward).assertSame(twoBatches(plain, Tensor::backward));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3})
    void plainBackwardDoesAsWellWithHooks(double random) {
        try (var plain = model(null, false, random);
                var recomputing = model(GradientCheckpoint.Mode.HOOKS, false, random)) {
            twoBatches(recomputing, Tensor::backward).assertSame(twoBatches(plain, Tensor::backward));
        }
    }

    /** The count may fall in between, when the garbage collector finds what others left. */
    private static void assertFreesWhatItMakes(Runnable step) {
        var handles = new long[3];
        for (int i = 0; i < handles.length; i++) {
            step.run();
            handles[i] = Pointer.totalCount();
        }
        assertThat(handles[2]).isLessThanOrEqualTo(handles[1]);
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "true, true"})
    void aTrainingStepFreesWhatItMakes(boolean gradCheckpoint, boolean segmented) {
        var mode = segmented ? GradientCheckpoint.Mode.SEGMENTED : GradientCheckpoint.Mode.HOOKS;
        var image = image(0);
        var texts = texts(0);
        try (var model = model(gradCheckpoint ? mode : null, false, 0.3);
                var optimizer = new AdamW(ParameterGroup.of(model, model.visualEncoder(), 0.05, 1), 1e-4, 0.999)) {
            assertFreesWhatItMakes(() -> {
                try (var step = new PointerScope()) {
                    model.backward(model.forward(image, Texts.of(texts)).total());
                    optimizer.step();
                    optimizer.zeroGrad();
                }
            });
        }
    }

    /** What a model is used for without training. */
    enum Use {
        GENERATE {
            @Override
            void run(Blip2Opt model, Tensor image, List<String> texts) {
                model.generate(image, GenerationConfig.lavis().withMaxLength(6).withMinLength(2));
            }
        },
        SAMPLE {
            @Override
            void run(Blip2Opt model, Tensor image, List<String> texts) {
                model.generate(
                        image,
                        GenerationConfig.lavis()
                                .withDoSample(true)
                                .withNumBeams(1)
                                .withNumReturnSequences(2)
                                .withMaxLength(6));
            }
        },
        ANSWER {
            @Override
            void run(Blip2Opt model, Tensor image, List<String> texts) {
                model.predictAnswers(image, texts, "Question: {} Answer:", model.answerDefaults());
            }
        },
        LOSS {
            @Override
            void run(Blip2Opt model, Tensor image, List<String> texts) {
                try (var scope = new PointerScope();
                        var noGrad = new NoGradGuard()) {
                    model.forward(image, Texts.of(texts)).total();
                }
            }
        },
        VISION {
            @Override
            void run(Blip2Opt model, Tensor image, List<String> texts) {
                try (var scope = new PointerScope()) {
                    model.visualEncoder().forward(image);
                }
            }
        };

        abstract void run(Blip2Opt model, Tensor image, List<String> texts);
    }

    @ParameterizedTest
    @EnumSource
    void inferenceFreesWhatItMakes(Use use) {
        var image = image(0);
        var texts = texts(0);
        try (var model = model(GradientCheckpoint.Mode.HOOKS, true, 0)) {
            model.eval();
            assertFreesWhatItMakes(() -> use.run(model, image, texts));
        }
    }
}
