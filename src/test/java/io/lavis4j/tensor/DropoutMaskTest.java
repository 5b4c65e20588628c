package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutMaskTest {

    private static final int N = 1_000_000;

    private final PointerScope scope = new PointerScope();
    private final int threads = Libtorch.threads();

    @AfterEach
    void close() {
        Libtorch.threads(threads);
        scope.close();
    }

    private static float[] draw(double p) {
        return Tensors.floats(DropoutMask.draw(new long[] {N}, p));
    }

    /** Standard deviations by which a count of {@code of} trials with probability {@code p} is off. */
    private static double deviations(long count, long of, double p) {
        return Math.abs(count - of * p) / Math.sqrt(of * p * (1 - p));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.3, 0.5, 0.999, 1})
    void nativeCodeAndJavaDrawTheSame(double p) {
        for (int n : new int[] {0, 1, 63, 64, 65, 1000}) {
            long key = 0x0123456789abcdefL + n;
            FloatBuffer mask = ByteBuffer.allocateDirect(n * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            DropoutMask.draw(new long[] {1}, p); // loads the library
            DropoutMask.fillNatively(key, p, mask);
            float[] drawn = new float[n];
            mask.get(drawn);

            assertThat(drawn).as("%d of seed %d", n, key).containsExactly(DropoutMask.inJava(key, p, n));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void valuesAreDroppedAtTheRateAndTheOthersScaled(double p) {
        RandomState.seed(11);
        int dropped = 0;
        for (float factor : draw(p)) {
            if (factor == 0) {
                dropped++;
            } else {
                assertThat(factor).isEqualTo((float) (1 / (1 - p)));
            }
        }
        assertThat(deviations(dropped, N, p)).as("seed 11").isLessThan(4);
    }

    /** Distances at which a number's words, lanes and groups are neighbours, and that of a row of 768. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 63, 64, 768})
    void neighboursAreIndependent(int distance) {
        double p = 0.1;
        RandomState.seed(12);
        float[] mask = draw(p);
        int both = 0;
        for (int i = distance; i < N; i++) {
            both += mask[i] == 0 && mask[i - distance] == 0 ? 1 : 0;
        }
        assertThat(deviations(both, N - distance, p * p)).as("seed 12").isLessThan(4);
    }

    @Test
    void oneMaskSaysNothingOfTheNext() {
        double p = 0.1;
        RandomState.seed(13);
        float[] first = draw(p), second = draw(p);
        int both = 0;
        for (int i = 0; i < N; i++) {
            both += first[i] == 0 && second[i] == 0 ? 1 : 0;
        }
        assertThat(deviations(both, N, p * p)).as("seed 13").isLessThan(4);
    }

    @Test
    void theNumberOfThreadsChangesNothing() {
        RandomState.seed(14);
        Libtorch.threads(1);
        float[] alone = draw(0.1);
        RandomState.seed(14);
        Libtorch.threads(3);

        assertThat(draw(0.1)).isEqualTo(alone);
    }

    @Test
    void aStateOfTheGeneratorRepeatsTheMask() {
        RandomState.seed(15);
        try (var state = RandomState.capture(Devices.cpu())) {
            float[] first = draw(0.1);
            assertThat(draw(0.1)).isNotEqualTo(first);
            state.restore();
            assertThat(draw(0.1)).isEqualTo(first);
        }
    }

    @Test
    void theShapeIsKeptAndAnEmptyOneIsEmpty() {
        assertThat(DropoutMask.draw(new long[] {2, 3, 5}, 0.5).shape()).containsExactly(2, 3, 5);
        assertThat(DropoutMask.draw(new long[] {2, 0}, 0.5).shape()).containsExactly(2, 0);
    }

    @Test
    void whatIsNoProbabilityIsRefused() {
        assertThatThrownBy(() -> DropoutMask.draw(new long[] {1}, 1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a probability from 0 to 1, got 1.5");
    }

    @Test
    void theMeanOfScaledValuesIsOne() {
        RandomState.seed(16);
        var mean = DropoutMask.draw(new long[] {N}, 0.3).mean().item_double();

        assertThat(mean).isCloseTo(1, within(4 * Math.sqrt(0.3 / 0.7 / N)));
    }
}
