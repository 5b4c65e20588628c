package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_cuda;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mistakes that a GPU punishes late, or with wrong numbers, are noticed here at once. */
@OnFakeCuda
class FakeRuntimeTest {

    private final PointerScope scope = new PointerScope();
    private final Device cuda = Devices.of("cuda:0");

    @AfterEach
    void free() {
        scope.close();
    }

    private static Tensor pinned(double value) {
        return torch.full(new long[] {4}, Tensors.scalar(value))
                .to(ScalarType.Float)
                .pin_memory();
    }

    private Tensor copied(Tensor host) {
        return host.to(cuda, ScalarType.Float, true, false, null);
    }

    private static Stream sideStream() {
        return torch_cuda.getStreamFromPool(false, (byte) 0).unwrap();
    }

    private Tensor copiedOn(Stream stream, Tensor host) {
        try (var guard = new CUDAStreamGuard(stream)) {
            return copied(host);
        }
    }

    @Test
    void numbersGoToADeviceAndBack() {
        assertThat(Tensors.floats(copied(pinned(3)))).containsExactly(3, 3, 3, 3);
    }

    @Test
    void aKernelThatUsesWhatAnotherStreamStillCopiesIsARace() {
        var images = copiedOn(sideStream(), pinned(1));
        images.mul(images);
        assertThat(FakeCuda.violations())
                .singleElement()
                .asString()
                .contains("race", "16 bytes", "nothing orders them");
    }

    @Test
    void aCopyOfWhatAnotherStreamStillCopiesIsARace() {
        var images = copiedOn(sideStream(), pinned(1));
        var other = torch.empty_like(images);
        other.copy_(images, true);
        assertThat(FakeCuda.violations()).singleElement().asString().contains("race", "reads");
    }

    @Test
    void aHostThatWaitedForTheCopyOrdersThem() {
        var side = sideStream();
        var images = copiedOn(side, pinned(1));
        side.synchronize();
        images.mul(images);
        assertThat(FakeCuda.violations()).isEmpty();
    }

    @Test
    void pinnedMemoryThatIsOverwrittenTooEarlyIsNoticed() {
        var host = pinned(1);
        var device = copied(host);
        host.fill_(Tensors.scalar(2));
        Tensors.floats(device);
        assertThat(FakeCuda.violations())
                .singleElement()
                .asString()
                .contains("overwritten before the copy of 16 bytes");
    }

    @Test
    void aHostThatReadsBeforeACopyHasEndedFindsNoNumbers() {
        var device = copied(pinned(5));
        var host = pinned(0);
        host.copy_(device, true);
        assertThat(Tensors.floats(host)).doesNotContain(5, 0);
        torch_cuda.getCurrentCUDAStream((byte) 0).synchronize();
        assertThat(Tensors.floats(host)).containsExactly(5, 5, 5, 5);
    }

    @Test
    void aTensorLeftOnTheCpuIsRefused() {
        var device = copied(pinned(1));
        assertThatThrownBy(() -> device.add(pinned(1))).hasMessageContaining("same device");
    }

    @Test
    void aTensorOfTheOtherDeviceIsRefused() {
        var other = pinned(1).to(Devices.of("cuda:1"), ScalarType.Float);
        assertThatThrownBy(() -> copied(pinned(1)).add(other)).hasMessageContaining("same device");
    }

    @Test
    void aHostThatTouchesDeviceMemoryEndsTheProcess() throws Exception {
        var ended = Child.run(HostTouch.class);
        assertThat(ended.status()).isEqualTo(86);
        assertThat(ended.output()).contains("the host touched memory of device 0");
    }

    /** Reads a device pointer as if it were the host's. */
    static final class HostTouch {
        public static void main(String[] arguments) {
            var device = torch.zeros(new long[] {4}, Tensors.options(Devices.of("cuda:0"), ScalarType.Float));
            System.out.println(new BytePointer(device.data_ptr()).get());
        }
    }

    @Test
    void aDeviceHasAsMuchMemoryAsItIsGiven() {
        FakeCuda.limitMemory(0, FakeCuda.usedMemory(0) + (64 << 20));
        try {
            assertThatThrownBy(() -> torch.zeros(new long[] {1 << 28}, Tensors.options(cuda, ScalarType.Float)))
                    .hasMessageContaining("out of memory")
                    .hasMessageContaining("1024.00 MiB");
        } finally {
            FakeCuda.limitMemory(0, FakeCuda.MEMORY);
        }
    }

    @Test
    void kernelsCopiesAndWaitsAreInTheTrace() {
        var trace = FakeCuda.trace(() -> {
            var x = copied(pinned(1));
            Tensors.floats(x.add(x));
        });
        assertThat(trace.kernels("add")).isPositive();
        assertThat(trace.of("copy", "host to device pinned")).hasSize(1);
        assertThat(trace.of("copy", "device to host")).hasSize(1);
        assertThat(trace.hostWaits()).hasSize(1);
    }
}
