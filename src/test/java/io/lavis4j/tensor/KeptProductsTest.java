package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeptProductsTest {

    static {
        Libtorch.load();
    }

    /** Two layers of a block, each with an activation. */
    private record Layers(Tensor first, Tensor second, Tensor bias) {

        static Layers random() {
            torch.manual_seed(7);
            return new Layers(
                    randn(24, 16).requires_grad_(true),
                    randn(16, 24).requires_grad_(true),
                    randn(24).requires_grad_(true));
        }

        Tensor run(Activation activation, Tensor x) {
            var hidden = DenseLayer.apply(x, first, bias, activation, null);
            return DenseLayer.apply(hidden, second, null, activation, x);
        }
    }

    /** The gradient of the input, where the bias was changed between forward and backward or was not. */
    private static float[] gradient(Activation activation, Granularity granularity, boolean changed) {
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(Mode.HOOKS, granularity)) {
            var layers = Layers.random();
            var x = randn(5, 16).requires_grad_(true);
            var y = checkpoint.run(true, h -> layers.run(activation, h), x);
            if (changed) {
                try (var noGrad = new NoGradGuard()) {
                    layers.bias.add_(Tensors.scalar(10));
                }
            }
            checkpoint.backward(y.mul(y).sum());
            return Tensors.floats(x.grad());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"GELU", "QUICK_GELU", "RELU"})
    void whatIsKeptIsNotComputedAgain(Activation activation) {
        var plain = gradient(activation, Granularity.FULL, false);
        assertThat(gradient(activation, Granularity.SELECTIVE, false)).containsExactly(plain);
        assertThat(gradient(activation, Granularity.SELECTIVE, true)).containsExactly(plain);
        assertThat(gradient(activation, Granularity.FULL, true)).isNotEqualTo(plain);
    }
}
