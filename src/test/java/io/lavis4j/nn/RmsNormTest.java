package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.tensor.Tensors;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RmsNormTest {

    private static final double EPS = 0.5;

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor tensor(float... values) {
        return torch.tensor(values);
    }

    private static RmsNorm norm(ScalarType dtype) {
        var norm = new RmsNorm(2, EPS);
        norm.load(Map.of("weight", tensor(1, 10)));
        norm.to(dtype);
        return norm;
    }

    @Test
    void everyRowIsDividedByItsRootMeanSquare() {
        var y = norm(ScalarType.Float).forward(tensor(3, 4, 0, -1).view(2, 2));

        double first = Math.sqrt(12.5 + EPS), second = Math.sqrt(0.5 + EPS);
        assertThat(y.shape()).containsExactly(2, 2);
        assertThat(Tensors.floats(y))
                .containsExactly(
                        new float[] {(float) (3 / first), (float) (40 / first), 0, (float) (-10 / second)},
                        within(1e-5f));
    }

    @Test
    void theMeanSquareOfHalfPrecisionDoesNotOverflow() {
        var y = norm(ScalarType.Half).forward(tensor(60000, 60000).to(ScalarType.Half));

        assertThat(Tensors.dtype(y)).isEqualTo(ScalarType.Half);
        assertThat(Tensors.floats(y)).containsExactly(1, 10);
    }

    @Test
    void theResultHasTheWeightsType() {
        var x = tensor(1, 2);
        assertThat(Tensors.dtype(norm(ScalarType.BFloat16).forward(x))).isEqualTo(ScalarType.BFloat16);
        assertThat(Tensors.dtype(norm(ScalarType.Float).forward(x.to(ScalarType.BFloat16))))
                .isEqualTo(ScalarType.Float);
    }

    @Test
    void theWeightBeginsAsOne() {
        var norm = new RmsNorm(3, EPS);
        norm.initialize();
        norm.namedParameters()
                .values()
                .forEach(p -> assertThat(Tensors.floats(p)).containsExactly(1, 1, 1));
    }
}
