package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.fakecuda.FakeCuda;
import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches are copied to a GPU beside the computation, and used only when they are there. */
@OnFakeCuda
class DeviceCopyOnCudaTest {

    private final PointerScope scope = new PointerScope();
    private final DeviceCopy copy = DeviceCopy.to(Devices.of("cuda:0"));

    @AfterEach
    void close() {
        copy.close();
        scope.close();
    }

    private static Tensor batch() {
        return torch.full(new long[] {3}, Tensors.scalar(7))
                .to(ScalarType.Float)
                .pin_memory()
                .retainReference();
    }

    @Test
    void aBatchThatWasAwaitedIsThere() {
        try (var images = copy.start(batch())) {
            copy.await(images);
            images.mul(images);
            assertThat(FakeCuda.violations()).isEmpty();
        }
    }

    @Test
    void theHostDoesNotWaitForABatch() {
        var trace = FakeCuda.trace(() -> {
            try (var images = copy.start(batch())) {
                copy.await(images);
            }
        });
        assertThat(trace.of("copy", "host to device pinned")).hasSize(1);
        assertThat(trace.hostWaits()).isEmpty();
    }

    @Test
    void aBatchThatWasNotAwaitedIsARace() {
        try (var images = copy.start(batch())) {
            images.mul(images);
            assertThat(FakeCuda.violations()).singleElement().asString().contains("race", "nothing orders them");
        }
    }

    @Test
    void aBatchThatIsStillComputedWithDoesNotGiveWayToTheNext() {
        long memory;
        try (var images = copy.start(batch())) {
            copy.await(images);
            images.mul(images);
            memory = images.data_ptr().address();
        }
        try (var next = copy.start(batch())) {
            assertThat(next.data_ptr().address()).isNotEqualTo(memory);
        }
    }
}
