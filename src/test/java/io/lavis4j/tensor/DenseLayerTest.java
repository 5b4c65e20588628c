package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DenseLayerTest {

    static {
        Libtorch.load();
    }

    private static Tensor byLibtorch(
            Tensor x, Tensor weight, @Nullable Tensor bias, Activation activation, @Nullable Tensor residual) {
        var y = linear(x, weight, Tensors.optional(bias));
        var activated = switch (activation) {
            case NONE -> y;
            case RELU -> relu(y);
            case GELU -> gelu(y);
            case QUICK_GELU -> y.mul(sigmoid(y.mul(Tensors.scalar(1.702))));
        };
        return residual == null ? activated : residual.add(activated);
    }

    private static double difference(Tensor a, Tensor b) {
        assertThat(a.shape()).containsExactly(b.shape());
        return a.sub(b).abs().max().item_double();
    }

    private static void assertSame(Tensor y, Tensor expected) {
        assertThat(difference(y, expected)).isZero();
    }

    /** GELU of a number where libtorch's is a third off, which tells who computes. */
    private static double farGelu() {
        var one = torch.ones(1, 1).to(ScalarType.Float);
        var x = Tensors.of(new float[] {-4.9972878F}, Devices.cpu()).view(1, 1);
        return DenseLayer.apply(x, one, null, Activation.GELU, null).item_double();
    }

    private static final double FAR_GELU = -1.4524e-6;

    @ParameterizedTest
    @CsvSource({
        "1, 768, 768",
        "5, 768, 3072",
        "64, 300, 101",
        "257, 768, 2304",
        "1028, 768, 768",
        "1028, 99, 333",
        "330, 1201, 97",
        "1, 7, 1",
        "3, 1, 5",
        "45, 64, 50"
    })
    void valuesAreThoseOfLibtorchsOperations(int rows, int in, int out) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            torch.manual_seed(7);
            var x = randn(1, rows, in);
            var weight = randn(out, in).div_(Tensors.scalar(Math.sqrt(in)));
            for (var bias : new Tensor[] {null, randn(out)}) {
                for (var residual : new Tensor[] {null, randn(1, rows, out)}) {
                    for (var activation : Activation.values()) {
                        var y = DenseLayer.apply(x, weight, bias, activation, residual);
                        var expected = byLibtorch(x, weight, bias, activation, residual);
                        assertThat(difference(y, expected))
                                .isLessThanOrEqualTo(activation.isRoundedAsLibtorchs() ? 0 : 2e-6);
                    }
                }
            }
        }
    }

    @Test
    void geluIsExactWhereTheLibraryComputes() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            assumeTrue(Libtorch.hasShim(), "this libtorch has products of its own");
            var x = randn(100, 40).mul_(Tensors.scalar(2));
            var unit = torch.eye(40).to(ScalarType.Float);
            var exact = gelu(x.to(ScalarType.Double));
            var y = DenseLayer.apply(x, unit, null, Activation.GELU, null).to(ScalarType.Double);
            var error = y.sub(exact).abs().sub(exact.abs().mul(Tensors.scalar(2e-7)));
            assertThat(error.max().item_double()).isLessThan(1e-7);
            assertThat(farGelu()).isBetween(FAR_GELU - 1e-9, FAR_GELU + 1e-9);
        }
    }

    @Test
    void theResidualMayBeTheInput() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            torch.manual_seed(7);
            var x = randn(257, 64);
            var before = x.clone();
            var weight = randn(64, 64);
            assertSame(
                    DenseLayer.apply(x, weight, null, Activation.RELU, x),
                    byLibtorch(x, weight, null, Activation.RELU, x));
            assertSame(x, before);
        }
    }

    @Test
    void shapesAndLayoutsAreLibtorchs() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            torch.manual_seed(7);
            var weight = randn(30, 20);
            var bias = randn(30);
            var turned = randn(20, 7).t();
            var row = randn(20);
            var rows = randn(2, 3, 4, 20);
            var added = randn(4, 30);
            var shared = randn(20, 30).t();
            for (var x : new Tensor[] {turned, row, rows, row.expand(4, 20), torch.empty(0, 20)}) {
                var y = DenseLayer.apply(x, weight, bias, Activation.RELU, null);
                assertThat(y.shape()).containsExactly(linear(x, weight).shape());
                if (y.numel() > 0) {
                    assertThat(difference(y, byLibtorch(x, weight, bias, Activation.RELU, null)))
                            .isLessThan(1e-5);
                }
            }
            assertSame(
                    DenseLayer.apply(rows, weight, bias, Activation.RELU, added),
                    byLibtorch(rows, weight, bias, Activation.RELU, added));
            assertThat(difference(
                            DenseLayer.apply(rows, shared, bias, Activation.NONE, null),
                            byLibtorch(rows, shared, bias, Activation.NONE, null)))
                    .isLessThan(1e-5);
            assertThatThrownBy(() -> DenseLayer.apply(rows, randn(30, 21), bias, Activation.NONE, null))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("shapes cannot be multiplied");
        }
    }

    @Test
    void gradientsAreThoseOfLibtorchsOperations() {
        try (var scope = new PointerScope()) {
            torch.manual_seed(7);
            var x = randn(9, 20).requires_grad_(true);
            var weight = randn(30, 20).requires_grad_(true);
            var residual = randn(9, 30).requires_grad_(true);
            for (var activation : Activation.values()) {
                var gradients = new ArrayList<Tensor>();
                for (boolean ours : new boolean[] {true, false}) {
                    var y = ours
                            ? DenseLayer.apply(x, weight, null, activation, residual)
                            : byLibtorch(x, weight, null, activation, residual);
                    y.square().sum().backward();
                    for (var leaf : new Tensor[] {x, weight, residual}) {
                        gradients.add(new Tensor(leaf.grad()));
                        leaf.mutable_grad().put(new Tensor());
                    }
                }
                for (int i = 0; i < 3; i++) {
                    assertSame(gradients.get(i), gradients.get(i + 3));
                }
            }
        }
    }

    @Test
    void otherTypesAreLibtorchs() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            torch.manual_seed(7);
            for (var dtype : new ScalarType[] {ScalarType.BFloat16, ScalarType.Double}) {
                var x = randn(9, 20);
                var weight = randn(30, 20).to(dtype);
                var y = DenseLayer.apply(x, weight, null, Activation.GELU, null);
                assertThat(Tensors.dtype(y)).isEqualTo(dtype);
                assertSame(y, byLibtorch(x.to(dtype), weight, null, Activation.GELU, null));
            }
            try (var autocast = Autocast.ofRun(Devices.cpu(), Precision.BF16)) {
                var y = DenseLayer.apply(randn(9, 20), randn(30, 20), null, Activation.RELU, null);
                assertThat(Tensors.dtype(y)).isEqualTo(ScalarType.BFloat16);
            }
        }
    }

    @Test
    void whoWatchesLayersSeesTheirSums() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            torch.manual_seed(7);
            var x = randn(9, 20);
            var weight = randn(30, 20);
            var seen = new ArrayList<Tensor>();
            LayerOutputs.watch(
                    (of, output) -> seen.add(output),
                    () -> DenseLayer.apply(x, weight, null, Activation.RELU, randn(9, 30)));
            assertThat(seen).hasSize(1);
            assertSame(seen.get(0), linear(x, weight));
        }
    }

    @Test
    void aRecomputedBlockHasItsOutputAgain() {
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(GradientCheckpoint.Mode.HOOKS)) {
            torch.manual_seed(7);
            var x = randn(200, 64).requires_grad_(true);
            var weight = randn(64, 64).requires_grad_(true);
            var plain = DenseLayer.apply(x, weight, null, Activation.GELU, x);
            var again = checkpoint.run(true, h -> DenseLayer.apply(h, weight, null, Activation.GELU, h), x);
            assertSame(again, plain);
        }
    }
}
