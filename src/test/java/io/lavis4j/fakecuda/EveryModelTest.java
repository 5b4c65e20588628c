package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.model.FeatureExtractor;
import io.lavis4j.model.ImageTextMatcher;
import io.lavis4j.model.SimilarityRanker;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.blip2.Blip2ConditionalGeneration;
import io.lavis4j.model.blip2.LanguageStorage;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All that a model can do runs on a GPU: every tensor is where it belongs, every launch is sound. */
@OnFakeCuda
class EveryModelTest {

    private static final List<String> PROMPTS = List.of("a photo of", "Question: what is it? Answer:", "two");
    private static final List<String> CLASSES = List.of("dog", "a red bus", "yes");

    @ParameterizedTest
    @CsvSource({
        "blip2_opt, cuda:0", "blip2_opt, cuda:1",
        "blip2_t5, cuda:0", "blip2_t5, cuda:1",
        "blip2_t5_instruct, cuda:0", "blip2_t5_instruct, cuda:1",
        "blip2_vicuna_instruct, cuda:0", "blip2_vicuna_instruct, cuda:1",
        "blip2, cuda:0", "blip2, cuda:1"
    })
    void aModelLearnsWithAFrozenAndATrainedVisionEncoder(String arch, String device) {
        try (var model = DeviceModel.small(arch, device)) {
            model.train(false, null);
            var frozen = FakeCuda.trace(model::step);
            assertThat(frozen.kernels("")).isGreaterThan(100);
            assertThat(model.module().device().str().getString()).isEqualTo(device);
        }
        for (var mode : Mode.values()) {
            try (var model = DeviceModel.small(arch, device);
                    var blocks = new GradientCheckpoint(mode)) {
                model.train(true, blocks);
                model.step();
                model.step();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void aModelWithALanguageModelWritesAnswersRanksAndScores(String arch) {
        try (var model = DeviceModel.small(arch, "cuda:0");
                var scope = new PointerScope()) {
            var images = model.images(3);
            var captions = model.as(CaptionGenerator.class);
            var greedy = GenerationConfig.lavis().withNumBeams(1).withMaxLength(6);
            assertThat(captions.generate(images, PROMPTS, greedy)).hasSize(3);
            assertThat(captions.generate(images, greedy.withNumBeams(5))).hasSize(3);
            assertThat(captions.generate(images, greedy.withDoSample(true).withTopP(0.9)))
                    .hasSize(3);
            var answers = model.as(AnswerPredictor.class);
            assertThat(answers.predictAnswers(
                            images, PROMPTS, "", answers.answerDefaults().withMaxLength(5)))
                    .hasSize(3);
            assertThat(model.as(ClassPredictor.class).predictClass(images, PROMPTS, CLASSES, 2))
                    .hasDimensions(3, 3);
            try (var candidates = model.as(TextScorer.class).candidates(CLASSES)) {
                assertThat(candidates.score(images.narrow(0, 0, 1))).hasSize(3);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"blip2_opt, cuda:0", "blip2_t5, cuda:1", "blip2_t5_instruct, cuda:0", "blip2_vicuna_instruct, cuda:1"})
    void aLanguageModelInInt8LearnsAndWrites(String arch, String device) {
        try (var model = DeviceModel.small(arch, device);
                var scope = new PointerScope()) {
            model.as(Blip2ConditionalGeneration.class).store(new LanguageStorage(Precision.FP16, true));
            model.module()
                    .namedParameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.is_cuda()).as(name).isTrue());
            assertThat(model.module().namedParameters().values())
                    .anyMatch(parameter -> Tensors.dtype(parameter) == ScalarType.Char);
            model.train(false, null);
            model.step();
            model.step();
            var greedy = GenerationConfig.lavis().withNumBeams(1).withMaxLength(6);
            assertThat(model.as(CaptionGenerator.class).generate(model.images(3), PROMPTS, greedy))
                    .hasSize(3);
        }
    }

    @Test
    void theFirstStageWritesMatchesComparesAndExtracts() {
        try (var model = DeviceModel.small("blip2", "cuda:0");
                var scope = new PointerScope()) {
            var images = model.images(3);
            var matcher = model.as(ImageTextMatcher.class);
            assertThat(matcher.itm(images, CLASSES).values()).hasSize(3);
            assertThat(matcher.itc(images, CLASSES).values()).hasSize(3);
            assertThat(model.as(CaptionGenerator.class)
                            .generate(images, GenerationConfig.lavis().withMaxLength(6)))
                    .hasSize(3);
            for (var mode : FeatureExtractor.Mode.values()) {
                assertThat(model.as(FeatureExtractor.class)
                                .extractFeatures(images, CLASSES, mode)
                                .embeds()
                                .size(0))
                        .isEqualTo(3);
            }
            try (var comparison = model.as(SimilarityRanker.class).comparison(2)) {
                for (int i = 0; i < 3; i++) {
                    comparison.add(images.narrow(0, i, 1));
                }
                comparison.compare(CLASSES);
                assertThat(comparison.scores(0, true)).hasSize(CLASSES.size());
                assertThat(comparison.scores(0, false)).hasSize(3);
            }
        }
    }
}
