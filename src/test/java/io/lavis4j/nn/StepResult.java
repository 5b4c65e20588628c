package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Everything that a training step leaves behind.
 *
 * @param gradients of the tensors that have one
 * @param randomState hashes of the generators' states
 */
public record StepResult(float loss, Map<String, float[]> gradients, List<Integer> randomState) {

    private static final double CPU_ROUNDING = 1e-6;
    private static final double GPU_ROUNDING = 1e-4;

    /** What is there now. */
    public static StepResult now(float loss, Map<String, Tensor> tensors) {
        var gradients = new LinkedHashMap<String, float[]>();
        tensors.forEach((name, tensor) -> {
            if (tensor.grad().defined()) {
                gradients.put(name, Tensors.floats(tensor.grad()));
            }
        });
        return new StepResult(loss, gradients, randomStateNow());
    }

    static List<Integer> randomStateNow() {
        try (var state = RandomState.capture(TestDevice.device())) {
            return state.states().stream()
                    .map(bytes -> Arrays.hashCode(Tensors.longs(bytes)))
                    .toList();
        }
    }

    /** The same to the last bit; on a GPU, whose kernels add in any order, to rounding. */
    public void assertSame(StepResult plain) {
        assertEqual(plain, TestDevice.device().is_cpu() ? 0 : GPU_ROUNDING);
    }

    /** The same to rounding: where three gradients meet, recomputation adds them in another order. */
    public void assertClose(StepResult plain) {
        assertEqual(plain, TestDevice.device().is_cpu() ? CPU_ROUNDING : GPU_ROUNDING);
    }

    private void assertEqual(StepResult expected, double tolerance) {
        assertThat(expected.gradients).isNotEmpty();
        assertThat(loss).isEqualTo(expected.loss);
        assertThat(gradients.keySet()).isEqualTo(expected.gradients.keySet());
        expected.gradients.forEach((name, gradient) -> assertThat(
                        difference(gradients.getOrDefault(name, new float[0]), gradient))
                .as("gradient of %s, largest relative difference", name)
                .isLessThanOrEqualTo(tolerance));
        assertThat(randomState).isEqualTo(expected.randomState);
    }

    private static double difference(float[] actual, float[] expected) {
        double largest = 0, max = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - (double) expected[i]));
            max = Math.max(max, Math.abs(expected[i]));
        }
        return largest == 0 ? 0 : largest / max;
    }
}
