package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import java.util.function.BiFunction;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffineTest {

    private static final int WIDTH = 12;
    private static final Offset<Float> FLOAT_ROUNDING = Offset.offset(2e-5F);

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(11);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor random(long... shape) {
        return randn(shape).to(Devices.cpu(), ScalarType.Float);
    }

    /** The gradients of norm and layer after a forward through both. */
    private static Map<String, Tensor> gradients(
            LayerNorm norm, Linear layer, BiFunction<LayerNorm, Linear, Tensor> forward) {
        norm.zeroGrad();
        layer.zeroGrad();
        var y = forward.apply(norm, layer);
        y.mul(y).sum().backward();
        var all = norm.namedParameters();
        layer.namedParameters().forEach((name, parameter) -> all.put("layer." + name, parameter));
        all.replaceAll((name, parameter) -> parameter.grad().clone());
        all.put("output", y);
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLayerThatTakesTheNormsWeightsHasTheOutputAndTheGradientsOfBoth(boolean bias) {
        try (var norm = new LayerNorm(WIDTH, 1e-5);
                var layer = new Linear(WIDTH, 5, bias)) {
            norm.namedParameters().values().forEach(parameter -> parameter.set_data(random(WIDTH)));
            layer.initialize();
            var x = random(3, 4, WIDTH);

            var plain = gradients(norm, layer, (n, l) -> l.forward(n.forward(x)));
            var taken = gradients(norm, layer, (n, l) -> l.forwardAfter(n.affine(), n.normalized(x)));

            assertThat(taken).containsOnlyKeys(plain.keySet());
            plain.forEach((name, expected) -> assertThat(Tensors.floats(Golden.get(taken, name)))
                    .as(name)
                    .containsExactly(Tensors.floats(expected), FLOAT_ROUNDING));
        }
    }
}
