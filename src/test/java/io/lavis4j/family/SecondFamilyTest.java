package io.lavis4j.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.zoo.ModelAndPreprocess;
import io.lavis4j.zoo.ModelZoo;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A family from another jar: its module, one type record and one row are all that it has. */
class SecondFamilyTest {

    private static final String MODEL = """
            model:
              arch: %s
              model_type: tiny
              vit_model: eva_small
              image_size: 28
              vit_precision: fp32
              freeze_vit: False
              qformer_model: small
              num_query_token: 4
            preprocess:
              vis_processor:
                eval:
                  name: blip_image_eval
                  image_size: 28
            """;

    @TempDir
    private Path jar;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @BeforeEach
    void putOnTheClassPath() throws IOException {
        var services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(services.resolve("io.lavis4j.zoo.Architecture$Provider"), FamilyRows.class.getName());
        var models = Files.createDirectories(jar.resolve("io/lavis4j/configs/model"));
        for (String arch : List.of("blip2_mean", "blip2_mute")) {
            Files.writeString(models.resolve(arch + "_tiny.yaml"), MODEL.formatted(arch));
        }
        Thread.currentThread()
                .setContextClassLoader(new URLClassLoader(new URL[] {jar.toUri().toURL()}, before));
        RandomState.seed(5);
    }

    @AfterEach
    void takeOffTheClassPath() throws IOException {
        ((URLClassLoader) Thread.currentThread().getContextClassLoader()).close();
        Thread.currentThread().setContextClassLoader(before);
    }

    @Test
    void itStandsInTheZoo() {
        assertThat(new ModelZoo().toString()).contains("blip2_opt", "blip2_mean                     tiny");
    }

    @Test
    void itTrainsAStepAndCaptionsByName() {
        try (var scope = new PointerScope();
                var loaded = ModelAndPreprocess.load("blip2_mean", "tiny", TestDevice.device())) {
            var image = randn(2, 3, 28, 28).to(TestDevice.device(), org.bytedeco.pytorch.global.torch.ScalarType.Float);
            var model = loaded.as(TrainableModel.class);
            var texts = model.prepare(Texts.of(List.of("a red kite", "a blue cup at night")));
            float first = texts.loss(image).total().item_float();
            model.module().train(true);
            try (var optimizer =
                    new AdamW(ParameterGroup.of(model.module(), model.visualEncoder(), 0.05, 1), 1e-2, 0.999)) {
                for (int step = 0; step < 5; step++) {
                    model.backward(texts.loss(image).total());
                    optimizer.step();
                    optimizer.zeroGrad();
                }
            }
            model.module().eval();
            assertThat(texts.loss(image).total().item_float()).isLessThan(first);
            for (int beams : new int[] {1, 3}) {
                assertThat(loaded.as(CaptionGenerator.class)
                                .generate(
                                        image,
                                        GenerationConfig.lavis()
                                                .withNumBeams(beams)
                                                .withMaxLength(6)))
                        .hasSize(2);
            }
        }
    }

    @Test
    void whatItCannotDoIsSaidWithWhatItCan() {
        try (var loaded = ModelAndPreprocess.load("blip2_mean", "tiny", TestDevice.device())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loaded.as(AnswerPredictor.class))
                    .withMessage(
                            "Blip2Mean does not have the ability AnswerPredictor, it has [CaptionGenerator, TrainableModel]");
        }
    }

    private static JobConfig job(String arch, String... more) {
        var options = new ArrayList<>(List.of(
                "model.arch=" + arch,
                "model.model_type=tiny",
                "datasets.sherlock_caption.vis_processor.eval.image_size=28",
                "run.device=cpu"));
        options.addAll(List.of(more));
        return JobConfig.withoutData(Configuration.load("finetune/quickstart.yaml", options, name -> null));
    }

    @Test
    void aRunnersJobTakesItAsAnyOther() {
        try (var job = Job.withoutData(job("blip2_mean"))) {
            assertThat(job.model()).isInstanceOf(Blip2Mean.class);
        }
    }

    @Test
    void visionFeaturesAreKeptOnlyForAModelThatTakesThem() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> job("blip2_mean", "run.cache_vision_features=memory"))
                .withMessageContaining(
                        "run.cache_vision_features is on, but blip2_mean does not learn from features of images; set it to off");
    }

    @Test
    void aTaskThatAModelCannotDoIsAProblemBeforeAnythingIsLoaded() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> job("blip2_mute"))
                .satisfies(e -> assertThat(e.problems())
                        .contains(
                                "run.task is \"captioning\", which needs a model with [TrainableModel, CaptionGenerator];"
                                        + " blip2_mute has [FeatureExtractor] alone"));
    }
}
