package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
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

class CrossEntropyTest {

    private static final long V = 5;
    private static final long[] TARGETS = {3, CrossEntropy.IGNORE_INDEX, 0, 4};

    private final PointerScope scope = new PointerScope();
    private Tensor logits = new Tensor();
    private Tensor targets = new Tensor();

    @BeforeEach
    void draw() {
        RandomState.seed(1);
        logits = randn(TARGETS.length, V);
        targets = Tensors.of(TARGETS, Devices.cpu());
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** log(sum(exp(row))) - row[target], in double precision; 0 for a row that does not count. */
    private double definition(int row) {
        if (TARGETS[row] == CrossEntropy.IGNORE_INDEX) {
            return 0;
        }
        float[] scores = Tensors.floats(logits.select(0, row));
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score);
        }
        return Math.log(sum) - scores[(int) TARGETS[row]];
    }

    @Test
    void aRowsLossIsTheNegativeLogLikelihoodOfItsTarget() {
        float[] losses = Tensors.floats(CrossEntropy.perRow(logits, targets));

        assertThat(losses).hasSize(TARGETS.length);
        for (int i = 0; i < losses.length; i++) {
            assertThat((double) losses[i]).as("row " + i).isCloseTo(definition(i), within(1e-6));
        }
    }

    @Test
    void theMeanIsOverTheRowsThatCount() {
        var mean = CrossEntropy.mean(logits, targets);

        assertThat(mean.dim()).isZero();
        assertThat(mean.item_double()).isCloseTo((definition(0) + definition(2) + definition(3)) / 3, within(1e-6));
    }

    @Test
    void halfPrecisionScoresAreSummedInFloat() {
        var half = logits.to(ScalarType.BFloat16);

        var losses = CrossEntropy.perRow(half, targets);

        assertThat(Tensors.dtype(losses)).isEqualTo(ScalarType.Float);
        assertThat(Tensors.floats(losses))
                .containsExactly(Tensors.floats(CrossEntropy.perRow(half.to(ScalarType.Float), targets)));
        assertThat(Tensors.dtype(CrossEntropy.mean(half, targets))).isEqualTo(ScalarType.Float);
    }

    @Test
    void aRowThatDoesNotCountHasNoGradient() {
        logits.requires_grad_(true);

        CrossEntropy.mean(logits, targets).backward();

        assertThat(Tensors.floats(logits.grad().select(0, 1))).containsOnly(0);
        assertThat(Tensors.floats(logits.grad().select(0, 0))).doesNotContain(0);
    }
}
