package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureAgreementTest {

    private static final String ORIGINAL = "src/test/resources/configs/caption_sherlock_original.yaml";

    private static JobConfig read(String file, String... options) {
        var all = new ArrayList<>(List.of("data_root=somewhere"));
        all.addAll(List.of(options));
        return JobConfig.read(Configuration.load(file, all, name -> null));
    }

    @Test
    void visionFeaturesAreKeptWhereTheyComeAgain() {
        String[] whole = {
            "run.cache_vision_features=memory", "datasets.sherlock_caption.vis_processor.train.name=blip_image_eval"
        };
        assertThat(read(ORIGINAL, whole).run().featureCache().isOn()).isTrue();
        assertThat(read(ORIGINAL, whole[0], "run.cache_vision_views=3")
                        .run()
                        .featureCache()
                        .views())
                .isEqualTo(3);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(ORIGINAL, whole[0]))
                .withMessageContainingAll(
                        "run.cache_vision_features is on, but datasets.sherlock_caption.vis_processor.train draws another view of an image in each epoch",
                        "set run.cache_vision_views to the number of views to keep of each",
                        "blip_image_eval");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(ORIGINAL, whole[0], whole[1], "model.freeze_vit=False"))
                .withMessageContainingAll(
                        "run.cache_vision_features is on, but model.freeze_vit is False", "set model.freeze_vit=True");
        assertThat(read(ORIGINAL, whole[0], "model.freeze_vit=False", "run.evaluate=True")
                        .run()
                        .evaluate())
                .as("evaluation keeps none")
                .isTrue();
    }
}
