package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptionalList;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Numbers of the fake GPU are the CPU's, in the places, shapes and types that a GPU's would have. */
@Tag("fake-cuda-numbers")
class NumbersTest {

    private final PointerScope scope = new PointerScope();
    private Device cuda = Devices.cpu();

    @BeforeEach
    void install() {
        TestDevice.assumeAvailable();
        assertThat(Numbers.installIfAsked()).as("kernels with numbers").isGreaterThan(1000);
        cuda = Devices.of("cuda:0");
        RandomState.seed(1);
    }

    @AfterEach
    void free() {
        scope.close();
    }

    private static Tensor cpu(long... sizes) {
        return torch.randn(sizes).to(ScalarType.Float);
    }

    private Tensor onGpu(Tensor tensor) {
        return tensor.to(cuda, Tensors.dtype(tensor));
    }

    private static void assertEqual(Tensor actual, Tensor expected) {
        assertThat(actual.is_cuda()).as("on the device").isTrue();
        assertThat(Tensors.dtype(actual)).isEqualTo(Tensors.dtype(expected));
        assertThat(Tensors.shape(actual)).isEqualTo(Tensors.shape(expected));
        assertThat(Tensors.floats(actual.to(ScalarType.Float)))
                .containsExactly(Tensors.floats(expected.to(ScalarType.Float)));
    }

    @Test
    void noKernelOfTheGpuIsLeftThatWouldComputeNothing() {
        var x = onGpu(cpu(3, 8)).requires_grad_(true);
        var trace = FakeCuda.trace(() -> torch.softmax(x.matmul(x.t()), 1, new ScalarTypeOptional())
                .to(ScalarType.Half)
                .sum()
                .backward());
        assertThat(trace.of("kernel", "")).isEmpty();
        assertThat(x.grad().is_cuda()).isTrue();
    }

    @Test
    void aTensorLeftOnTheCpuIsRefused() {
        var x = onGpu(cpu(2, 2));
        assertThatThrownBy(() -> x.matmul(cpu(2, 2)))
                .hasMessageContaining("Expected all tensors to be on the same device")
                .hasMessageContaining("aten::mm");
        assertThatThrownBy(() -> Tensors.cat(0, x, cpu(2, 2))).hasMessageContaining("same device");
        assertThatThrownBy(() -> cpu(2, 2).add_(x)).hasMessageContaining("same device");
    }

    @Test
    void aTensorOfTheOtherDeviceIsRefused() {
        var other = cpu(2, 2).to(Devices.of("cuda:1"), ScalarType.Float);
        assertThatThrownBy(() -> onGpu(cpu(2, 2)).add(other)).hasMessageContaining("cuda:0 and cuda:1");
    }

    @Test
    void aNumberOnTheCpuIsReadButNotWritten() {
        var x = cpu(2, 3);
        var number = cpu();
        assertEqual(onGpu(x).mul(number), x.mul(number));
        assertThatThrownBy(() -> number.add_(onGpu(cpu()))).hasMessageContaining("same device");
    }

    @Test
    void anIndexMayLieOnTheCpu() {
        var x = cpu(4, 3);
        var rows = new TensorOptionalList();
        rows.push_back(new TensorOptional(Tensors.of(new long[] {3, 0}, Devices.cpu())));
        assertEqual(onGpu(x).index(rows), x.index(rows));
    }

    @Test
    void aViewIsWrittenThrough() {
        var x = cpu(3, 4);
        var onGpu = onGpu(x);
        for (var tensor : new Tensor[] {x, onGpu}) {
            tensor.t().select(0, 1).add_(Tensors.scalar(5)).mul_(tensor.select(1, 0));
        }
        assertEqual(onGpu, x);
    }

    @Test
    void aResultGrowsToWhatIsComputed() {
        var out = torch.zeros(new long[] {0}, Tensors.options(cuda, ScalarType.Float));
        var x = cpu(2, 3);
        torch.add_out(out, onGpu(x), onGpu(x));
        assertEqual(out, x.add(x));
        assertThat(Tensors.longs(Tensors.range(2, 6, cuda))).containsExactly(2, 3, 4, 5);
    }

    @Test
    void copiesConvertAndReorder() {
        var x = cpu(3, 5);
        assertEqual(x.t().to(cuda, ScalarType.Half), x.t().to(ScalarType.Half));
        var half = torch.zeros(new long[] {5, 3}, Tensors.options(cuda, ScalarType.Half));
        half.copy_(onGpu(x).t());
        assertEqual(half, x.t().to(ScalarType.Half));
        assertEqual(onGpu(x).t().to(Devices.of("cuda:1"), ScalarType.Half), x.t().to(ScalarType.Half));
        assertThat(Tensors.floats(onGpu(x).t().to(Devices.cpu(), ScalarType.Float)))
                .containsExactly(Tensors.floats(x.t().contiguous()));
    }

    @Test
    void softmaxReadsFp16AndWritesFp32() {
        var x = cpu(2, 6).to(ScalarType.Half);
        var onGpu = onGpu(x).requires_grad_(true);
        var y = torch.log_softmax(onGpu, 1, new ScalarTypeOptional(ScalarType.Float));
        assertEqual(y, torch.log_softmax(x.to(ScalarType.Float), 1, new ScalarTypeOptional()));
        y.select(1, 2).sum().backward();
        assertThat(Tensors.dtype(onGpu.grad())).isEqualTo(ScalarType.Half);
    }

    @Test
    void drawsFollowTheStateOfTheDevicesGenerator() {
        var ones = torch.ones(new long[] {64}, Tensors.options(cuda, ScalarType.Float));
        try (var state = RandomState.capture(cuda)) {
            var first = Tensors.floats(torch.dropout(ones, 0.5, true));
            var second = Tensors.floats(torch.dropout(ones, 0.5, true));
            var normal = Tensors.floats(torch.empty_like(ones).normal_());
            state.restore();
            assertThat(Tensors.floats(torch.dropout(ones, 0.5, true))).isEqualTo(first);
            assertThat(Tensors.floats(torch.dropout(ones, 0.5, true)))
                    .isEqualTo(second)
                    .isNotEqualTo(first)
                    .containsOnly(0, 2);
            assertThat(Tensors.floats(torch.empty_like(ones).normal_())).isEqualTo(normal);
        }
    }
}
