package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Blip2ConfigTest {

    private static Blip2Config config(boolean freezeVit, Precision vitPrecision) {
        var vision = EvaVitConfig.small(84, 0);
        var qformer = new QFormerConfig(8, 64, 2, 4, 256, 2, vision.numFeatures(), 234, 512, 1e-12, 0.1);
        return new Blip2Config(vision, Blip2Config.LN_VISION_EPS, qformer, 32, freezeVit, false, vitPrecision);
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void aTrainedVisionEncoderOf16BitsIsRefused(Precision precision) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(false, precision))
                .withMessage(
                        "a trained vision encoder must be stored in fp32, as weights of 16 bits cannot take small"
                                + " steps, got %s; set vitPrecision to FP32 (a GPU computes in 16 bits nevertheless) or freezeVit"
                                + " to true",
                        precision);
    }

    @ParameterizedTest
    @EnumSource
    void aFrozenOneMayHaveAny(Precision precision) {
        assertThat(config(true, precision).vitPrecision()).isEqualTo(precision);
    }

    @Test
    void aTrainedOneOfFp32IsAccepted() {
        assertThat(config(false, Precision.FP32).freezeVit()).isFalse();
    }
}
