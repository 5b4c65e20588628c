package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RotaryEmbeddingTest {

    private static final int WIDTH = 8;
    private static final RotaryEmbedding ROTARY = new RotaryEmbedding(WIDTH, 100);

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor positions(long[]... rows) {
        return Tensors.of(rows, Devices.cpu());
    }

    @Test
    void pairsOfTheTwoHalvesTurnAsComplexNumbers() {
        long[][] positions = {{0, 7, 2000}, {3, 3, 1}};
        var x = randn(2, 3, 3, WIDTH); // (B, H, T, d)

        float[] y =
                Tensors.floats(ROTARY.at(positions(positions), ScalarType.Float).of(x));

        float[] given = Tensors.floats(x);
        for (int row = 0; row < 18; row++) {
            for (int j = 0; j < WIDTH / 2; j++) {
                double angle = positions[row / 9][row % 3] * Math.pow(100, -2.0 * j / WIDTH);
                double a = given[row * WIDTH + j], b = given[row * WIDTH + j + WIDTH / 2];
                assertThat((double) y[row * WIDTH + j])
                        .isCloseTo(a * Math.cos(angle) - b * Math.sin(angle), within(1e-3));
                assertThat((double) y[row * WIDTH + j + WIDTH / 2])
                        .isCloseTo(a * Math.sin(angle) + b * Math.cos(angle), within(1e-3));
            }
        }
    }

    @Test
    void scoresDependOnDistancesAlone() {
        var q = randn(1, 1, 3, WIDTH);
        var k = randn(1, 1, 3, WIDTH);
        var near = ROTARY.at(positions(new long[] {-1, 2, 5}), ScalarType.Float);
        var far = ROTARY.at(positions(new long[] {99, 102, 105}), ScalarType.Float);

        float[] expected = Tensors.floats(matmul(near.of(q), near.of(k).transpose(2, 3)));

        assertThat(Tensors.floats(matmul(far.of(q), far.of(k).transpose(2, 3))))
                .containsExactly(expected, within(1e-4f));
    }

    @Test
    void anglesAreFloatWhateverTheTypeOfTheTables() {
        var position = positions(new long[] {1999});
        var rotation = ROTARY.at(position, ScalarType.BFloat16);

        assertThat(Tensors.dtype(rotation.cos())).isEqualTo(ScalarType.BFloat16);
        assertThat(Tensors.dtype(rotation.of(randn(1, 2, 1, WIDTH).to(ScalarType.BFloat16))))
                .isEqualTo(ScalarType.BFloat16);
        assertThat(Tensors.floats(rotation.cos()))
                .containsExactly(
                        Tensors.floats(ROTARY.at(position, ScalarType.Float).cos()), within(0.01f));
    }

    @Test
    void anOddWidthIsRefused() {
        assertThatThrownBy(() -> new RotaryEmbedding(7, 100))
                .hasMessage("expected an even width of heads to rotate, got 7");
    }
}
