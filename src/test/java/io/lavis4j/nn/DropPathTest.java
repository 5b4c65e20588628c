package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.rand;

import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropPathTest {

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void ratesRiseLinearlyFromZero() {
        assertThat(DropPath.rates(0.4, 5)).containsExactly(0, 0.1f, 0.2f, 0.3f, 0.4f);
        assertThat(DropPath.rates(0.4, 1)).containsExactly(0);
        assertThat(DropPath.rates(0, 3)).containsExactly(0, 0, 0);
    }

    @Test
    void outsideTrainingOrAtRateZeroTheBranchIsUntouched() {
        var branch = ones(2, 3);

        assertThat(DropPath.apply(branch, 0.5, false)).isSameAs(branch);
        assertThat(DropPath.apply(branch, 0, true)).isSameAs(branch);
    }

    @Test
    void aSampleIsDroppedWholeOrScaledWhole() {
        RandomState.seed(1);

        var y = DropPath.apply(ones(64, 2, 3), 0.25, true);

        for (float[] sample : samples(y)) {
            assertThat(sample).containsOnly(sample[0]);
            assertThat(sample[0]).isIn(0f, 1 / 0.75f);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void theMeanIsKept(double rate) {
        RandomState.seed(2);
        int B = 20_000;

        double mean = DropPath.apply(ones(B, 1), rate, true).mean().item_double();

        double fiveDeviations = 5 * Math.sqrt(rate / (1 - rate) / B);
        assertThat(mean).isBetween(1 - fiveDeviations, 1 + fiveDeviations);
    }

    /** The reference draws one uniform number per sample and keeps it where adding 1 - rate reaches 1. */
    @Test
    void drawsOneNumberPerSample() {
        RandomState.seed(4);
        float[] uniform = Tensors.floats(rand(16));
        RandomState.seed(4);

        var samples = samples(DropPath.apply(ones(16, 5), 0.4, true));

        for (int b = 0; b < uniform.length; b++) {
            assertThat(samples[b][0] > 0).as("sample " + b).isEqualTo(uniform[b] + 0.6f >= 1);
        }
    }

    @Test
    void keepsTheTypeOfTheBranch() {
        var branch = ones(4, 2).to(ScalarType.BFloat16);

        assertThat(Tensors.dtype(DropPath.apply(branch, 0.5, true))).isEqualTo(ScalarType.BFloat16);
    }

    @Test
    void theGradientOfADroppedSampleIsZero() {
        RandomState.seed(5);
        var x = ones(32, 2).requires_grad_(true);

        var y = DropPath.apply(x, 0.5, true);
        y.sum().backward();

        assertThat(Tensors.floats(x.grad())).isEqualTo(Tensors.floats(y.mul(new Scalar(1))));
    }

    private static float[][] samples(Tensor y) {
        int B = (int) y.size(0);
        float[][] samples = new float[B][];
        for (int b = 0; b < B; b++) {
            samples[b] = Tensors.floats(y.select(0, b));
        }
        return samples;
    }
}
