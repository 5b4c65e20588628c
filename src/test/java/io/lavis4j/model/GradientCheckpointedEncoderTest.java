package io.lavis4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.nn.GradientCheckpoint;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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

    private record Step(float loss, Map<String, float[]> gradients, float random) {}

    private static Step step(VisionEncoder encoder, GradientCheckpoint.@Nullable Mode mode) {
        encoder.module().zeroGrad();
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(mode == null ? GradientCheckpoint.Mode.HOOKS : mode)) {
            encoder.useGradientCheckpoint(mode == null ? null : checkpoint);
            RandomState.seed(5);
            var y = encoder.forward(randn(6, 3, 28, 28));
            var loss = y.mul(y).mean();
            checkpoint.backward(loss);
            var gradients = new LinkedHashMap<String, float[]>();
            encoder.module().namedParameters().forEach((name, p) -> gradients.put(name, gradient(p)));
            return new Step(loss.item_float(), gradients, randn(1).item_float());
        }
    }

    private static float[] gradient(Tensor parameter) {
        return parameter.grad().defined() ? Tensors.floats(parameter.grad()) : new float[0];
    }

    @ParameterizedTest
    @MethodSource("encodersAndModes")
    void aStepInTrainModeEqualsThePlainOne(VisionEncoderConfig config, GradientCheckpoint.Mode mode) {
        RandomState.seed(3);
        var encoder = config.create();
        encoder.initialize();

        assertSame(step(encoder, mode), step(encoder, null));
    }

    @ParameterizedTest
    @MethodSource("encodersAndModes")
    void aStepInEvalModeEqualsThePlainOne(VisionEncoderConfig config, GradientCheckpoint.Mode mode) {
        RandomState.seed(3);
        var encoder = config.create();
        encoder.initialize();
        encoder.module().eval();

        assertSame(step(encoder, mode), step(encoder, null));
    }

    private static void assertSame(Step actual, Step plain) {
        assertThat(actual.loss()).isEqualTo(plain.loss());
        assertThat(plain.gradients()).allSatisfy((name, gradient) -> {
            assertThat(gradient).as(name).isNotEmpty();
            assertThat(actual.gradients().get(name)).as(name).isEqualTo(gradient);
        });
        assertThat(actual.random()).isEqualTo(plain.random());
    }
}
