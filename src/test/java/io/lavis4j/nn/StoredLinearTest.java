package io.lavis4j.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Linear layers whose weight is stored in int8 or bfloat16. */
class StoredLinearTest {

    private static final int IN = 300;
    private static final int OUT = 2000; // with IN more than a part that is widened at once

    private static Linear layer(ScalarType dtype) {
        torch.manual_seed(7);
        var layer = new Linear(IN, OUT, true);
        layer.initialize();
        layer.freeze();
        if (dtype != ScalarType.Float) {
            layer.storeWeights(dtype);
        }
        return layer;
    }

    /** What the layer multiplies with, (out, in), float32. */
    private static Tensor widened(Linear layer) {
        var wide = layer.weight().to(ScalarType.Float);
        var steps = layer.stateDict().get("weight_scale");
        return steps == null ? wide : wide.mul(steps.unsqueeze(1));
    }

    private static Tensor bias(Linear layer) {
        return requireNonNull(layer.namedParameters().get("bias"));
    }

    private static double largest(Tensor x) {
        return x.abs().max().item_double();
    }

    @ParameterizedTest
    @CsvSource({"Char, 1", "Char, 5", "Char, 40", "Char, 64", "Char, 65", "BFloat16, 1", "BFloat16, 20", "BFloat16, 90"
    })
    void resultsAreThoseOfTheWidenedWeight(ScalarType dtype, int rows) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var layer = layer(dtype)) {
            var x = torch.randn(rows, 1, IN);
            var expected = torch.linear(x, widened(layer), Tensors.optional(bias(layer)));
            var y = layer.forward(x);
            assertThat(Tensors.dtype(layer.weight())).isEqualTo(dtype);
            assertThat(Tensors.dtype(y)).isEqualTo(ScalarType.Float);
            assertThat(y.shape()).containsExactly(rows, 1, OUT);
            assertThat(largest(y.sub(expected))).isLessThan(1e-4);
        }
    }

    @Test
    void aNumberIsRoundedByHalfA127thOfTheLargestOfItsRow() {
        try (var scope = new PointerScope();
                var layer = layer(ScalarType.Char)) {
            torch.manual_seed(7);
            try (var plain = new Linear(IN, OUT, true)) {
                plain.initialize();
                var w = plain.weight().detach();
                var steps = w.abs().amax(new long[] {1}, true).div(Tensors.scalar(127));
                assertThat(largest(widened(layer).sub(w).div(steps))).isBetween(0.49, 0.5001);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"Char, 3", "Char, 70", "BFloat16, 3", "BFloat16, 70"})
    void gradientsReachTheInputAsThroughTheWidenedWeight(ScalarType dtype, int rows) {
        try (var scope = new PointerScope();
                var layer = layer(dtype)) {
            var x = torch.randn(2, rows, IN).requires_grad_(true);
            var same = x.detach().clone().requires_grad_(true);
            var factor = torch.randn(2, rows, OUT);
            layer.forward(x.mul(Tensors.scalar(2))).relu().mul(factor).sum().backward();
            torch.linear(same.mul(Tensors.scalar(2)), widened(layer), Tensors.optional(bias(layer)))
                    .relu()
                    .mul(factor)
                    .sum()
                    .backward();
            assertThat(largest(same.grad())).isGreaterThan(1);
            assertThat(largest(x.grad().sub(same.grad()))).isLessThan(1e-3);
        }
    }

    @ParameterizedTest
    @CsvSource({"Char", "BFloat16"})
    void noRowsGiveNoRows(ScalarType stored) {
        try (var scope = new PointerScope();
                var layer = layer(stored)) {
            assertThat(layer.forward(torch.randn(0, IN)).shape()).containsExactly(0, OUT);
        }
    }

    @Test
    void stepsLeaveNothingBehind() {
        try (var layer = layer(ScalarType.Char)) {
            long[] counts = new long[4];
            for (int i = 0; i < counts.length; i++) {
                try (var scope = new PointerScope()) {
                    var x = torch.randn(2, 50, IN).requires_grad_(true);
                    layer.forward(x).sum().backward();
                }
                counts[i] = Pointer.totalCount();
            }
            assertThat(counts[3]).isEqualTo(counts[2]);
        }
    }

    @Test
    void weightsThatAreLoadedLaterAreRoundedToo() {
        try (var scope = new PointerScope();
                var first = layer(ScalarType.Char);
                var later = new Linear(IN, OUT, true)) {
            torch.manual_seed(7);
            try (var plain = new Linear(IN, OUT, true)) {
                plain.initialize();
                later.freeze();
                later.storeWeights(ScalarType.Char);
                assertThat(later.unsetParameters()).contains("weight");
                var report = later.load(plain.stateDict());
                assertThat(report.missing()).isEmpty();
                assertThat(report.missingFrozen()).isEmpty();
                assertThat(torch.equal(later.weight(), first.weight())).isTrue();
                assertThat(later.trainableStateDict()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aRowThatIsNotFiniteIsRefusedByItsName(float value) {
        try (var scope = new PointerScope();
                var given = layer(ScalarType.Float);
                var stored = layer(ScalarType.Char)) {
            var before = stored.weight().clone();
            given.weight().detach().narrow(0, 3, 1).narrow(1, 5, 1).fill_(Tensors.scalar(value));
            var expected = "weight: row 3 has NaN or infinity, expected finite numbers";
            assertThatThrownBy(() -> stored.load(Map.of("weight", given.weight())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(expected);
            assertThat(torch.equal(stored.weight(), before)).isTrue();
            assertThatThrownBy(() -> given.storeWeights(ScalarType.Char)).hasMessageStartingWith(expected);
        }
    }

    @Test
    void aTiedWeightStaysAWordTable() {
        try (var scope = new PointerScope()) {
            var words = Scopes.retained(() -> torch.randn(20, 8));
            try (var layer = new Linear(words)) {
                layer.storeWeights(ScalarType.Char);
                assertThat(Tensors.dtype(words)).isEqualTo(ScalarType.BFloat16);
                assertThat(Tensors.dtype(layer.forward(torch.randn(2, 8)))).isEqualTo(ScalarType.Float);
                assertThat(layer.dtype()).isEqualTo(ScalarType.Float);
            }
        }
    }

    @Test
    void aLayerThatIsTrainedIsRefused() {
        try (var layer = new Linear(4, 4, true)) {
            assertThatThrownBy(() -> layer.storeWeights(ScalarType.Char))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("freeze it first");
            assertThat(layer.load(Map.of()).missing()).containsExactly("weight", "bias");
        }
    }
}
