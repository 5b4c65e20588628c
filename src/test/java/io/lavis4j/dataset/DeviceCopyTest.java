package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DeviceCopyTest {

    @BeforeAll
    static void available() {
        TestDevice.assumeAvailable();
    }

    private static Tensor batch(DeviceCopy copy, float value) {
        return Scopes.retained(() -> {
            var options = new TensorOptions(ScalarType.Float).pinned_memory(new BoolOptional(copy.pinned()));
            var host = torch.empty(new long[] {2, 3}, options, null);
            host.data_ptr_float().put(value, 1, 2, 3, 4, 5);
            return host;
        });
    }

    @Test
    void onACpuABatchStaysWhereItWasLoaded() {
        try (var copy = DeviceCopy.to(Devices.cpu());
                var host = batch(copy, 0)) {
            assertThat(copy.pinned()).isFalse();
            assertThat(copy.start(host)).isSameAs(host);
        }
    }

    /** On a GPU one batch is copied while another one is used. */
    @Test
    void batchesArriveOneAfterTheOther() {
        var device = TestDevice.device();
        try (var copy = DeviceCopy.to(device)) {
            var next = copy.start(batch(copy, 0));
            for (int step = 0; step < 4; step++) {
                var batch = next;
                copy.await(batch);
                next = copy.start(batch(copy, step + 1));
                assertThat(batch.device().is_cuda()).isEqualTo(device.is_cuda());
                assertThat(batch.shape()).containsExactly(2, 3);
                assertThat(Tensors.floats(batch)).containsExactly(step, 1, 2, 3, 4, 5);
                batch.close();
            }
            next.close();
        }
    }
}
