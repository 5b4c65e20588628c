package io.lavis4j.model;

import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.nn.StepResult;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.RandomState;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckpointedEncoderTest {

    static Stream<Arguments> encodersAndModes() {
        return Stream.of(new EvaVitConfig(28, 14, 16, 4, 2, 40, 0.4, 1e-6), new ClipVitConfig(28, 14, 16, 4, 2))
                .flatMap(config ->
                        Arrays.stream(GradientCheckpoint.Mode.values()).map(mode -> Arguments.of(config, mode)));
    }

    private static StepResult step(VisionEncoder encoder, GradientCheckpoint.@Nullable Mode mode) {
        encoder.module().zeroGrad();
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(mode == null ? GradientCheckpoint.Mode.HOOKS : mode)) {
            encoder.useGradientCheckpoint(mode == null ? null : checkpoint);
            RandomState.seed(5);
            var y = encoder.forward(randn(6, 3, 28, 28).to(TestDevice.device(), ScalarType.Float));
            var loss = y.mul(y).mean();
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

    @ParameterizedTest
    @MethodSource("encodersAndModes")
    void aStepInTrainModeEqualsThePlainOne(VisionEncoderConfig config, GradientCheckpoint.Mode mode) {
        var encoder = encoder(config);

        step(encoder, mode).assertSame(step(encoder, null));
    }

    @ParameterizedTest
    @MethodSource("encodersAndModes")
    void aStepInEvalModeEqualsThePlainOne(VisionEncoderConfig config, GradientCheckpoint.Mode mode) {
        var encoder = encoder(config);
        encoder.module().eval();

        step(encoder, mode).assertSame(step(encoder, null));
    }
}
