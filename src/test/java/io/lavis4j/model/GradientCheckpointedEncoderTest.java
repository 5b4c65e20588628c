package io.lavis4j.model;

import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.nn.StepResult;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckpointedEncoderTest {

    static List<Arguments> encodersAndWays() {
        var ways = new ArrayList<Arguments>();
        for (var config :
                List.of(new EvaVitConfig(28, 14, 16, 4, 2, 40, 0.4, 1e-6), new ClipVitConfig(28, 14, 16, 4, 2))) {
            for (var mode : Mode.values()) {
                for (var granularity : Granularity.values()) {
                    ways.add(Arguments.of(config, mode, granularity));
                }
            }
        }
        return ways;
    }

    private static StepResult step(
            VisionEncoder encoder, @Nullable Mode mode, Granularity granularity, Precision precision) {
        var device = TestDevice.device();
        encoder.module().zeroGrad();
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(mode == null ? Mode.HOOKS : mode, granularity)) {
            encoder.useGradientCheckpoint(mode == null ? null : checkpoint);
            RandomState.seed(5);
            Tensor loss;
            try (var amp = Autocast.ofRun(device, precision)) {
                var y = encoder.forward(randn(6, 3, 28, 28).to(device, ScalarType.Float));
                loss = y.mul(y).mean();
            }
            checkpoint.backward(loss);
            return StepResult.now(loss.item_float(), encoder.module().namedParameters());
        }
    }

    private static VisionEncoder encoder(VisionEncoderConfig config) {
        TestDevice.assumeAvailable();
        RandomState.seed(3);
        var encoder = config.create();
        encoder.initialize();
        encoder.module().to(TestDevice.device());
        return encoder;
    }

    private static void assertSameAsThePlainStep(
            VisionEncoder encoder, Mode mode, Granularity granularity, Precision precision) {
        step(encoder, mode, granularity, precision).assertSame(step(encoder, null, granularity, precision));
    }

    @ParameterizedTest
    @MethodSource("encodersAndWays")
    void aStepInTrainModeEqualsThePlainOne(VisionEncoderConfig config, Mode mode, Granularity granularity) {
        assertSameAsThePlainStep(encoder(config), mode, granularity, Precision.FP32);
    }

    @ParameterizedTest
    @MethodSource("encodersAndWays")
    void aStepInMixedPrecisionEqualsThePlainOne(VisionEncoderConfig config, Mode mode, Granularity granularity) {
        assertSameAsThePlainStep(encoder(config), mode, granularity, Precision.BF16);
    }

    @ParameterizedTest
    @MethodSource("encodersAndWays")
    void aStepInEvalModeEqualsThePlainOne(VisionEncoderConfig config, Mode mode, Granularity granularity) {
        var encoder = encoder(config);
        encoder.module().eval();

        assertSameAsThePlainStep(encoder, mode, granularity, Precision.FP32);
    }
}
