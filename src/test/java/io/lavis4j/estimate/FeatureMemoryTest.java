package io.lavis4j.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.features.VisionFeatures;
import io.lavis4j.model.FeatureLearner;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.zoo.ModelAndPreprocess;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureMemoryTest {

    @TempDir
    Path folder = Path.of("");

    private static JobConfig config(String file, String settings) {
        var options = new ArrayList<>(List.of(settings.split(" ")));
        options.add("model.freeze_vit=True");
        return JobConfig.withoutData(Configuration.load(file, options, name -> null));
    }

    private static @Nullable FeatureMemory memory(JobConfig config, boolean gpu) {
        return FeatureMemory.of(config, gpu, WeightFiles.in(List.of()));
    }

    /** A run asks its encoder what it makes, and keeps rows of these bytes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "run.amp=False",
                "run.amp=True run.amp_dtype=bf16",
                "run.cache_vision_dtype=fp16",
                "run.cache_vision_dtype=int8 run.cache_vision_views=3"
            })
    void aViewTakesWhatARunKeepsOfIt(String settings) {
        var config = config(
                "finetune/caption_sherlock_mini.yaml", "run.device=cpu run.cache_vision_features=memory " + settings);
        var amp = settings.contains("amp=True") ? Precision.BF16 : Precision.FP32;
        var kept = config.run().featureCache();
        try (var loaded = ModelAndPreprocess.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu());
                var features = VisionFeatures.open(kept, loaded.model().as(FeatureLearner.class), amp, 1, folder)) {
            long bytes = features.bytes();
            var expected = new FeatureMemory(settings.contains("views=3") ? 3 : 1, bytes);
            assertThat(memory(config, false)).isEqualTo(expected);
            assertThat(expected.bytes(100)).isEqualTo(100L * expected.views() * bytes);
        }
    }

    @Test
    void theEncoderOfThePublishedModelMakes677VectorsOf1408Numbers() {
        var config =
                config("finetune/caption_sherlock.yaml", "run.cache_vision_features=memory model.vit_precision=fp32");
        assertThat(memory(config, true)).isEqualTo(new FeatureMemory(1, 677 * 1408 * 4));
    }

    @Test
    void whatIsNotKeptInMemoryTakesNone() {
        assertThat(memory(config("finetune/caption_sherlock.yaml", "run.cache_vision_features=off"), true))
                .isNull();
        assertThat(memory(config("finetune/caption_sherlock.yaml", "run.cache_vision_features=disk"), true))
                .isNull();
    }
}
