package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The state of libtorch's autocast, which can be asked for without a GPU. */
class AutocastTest {

    private static final Device GPU = new Device("cuda:0").retainReference();

    @AfterEach
    void nothingIsLeft() {
        assertThat(isEnabled(DeviceType.CUDA)).isFalse();
        assertThat(isEnabled(DeviceType.CPU)).isFalse();
        assertThat(dtype()).isEqualTo(ScalarType.Half);
    }

    private static boolean isEnabled(DeviceType type) {
        return torch.is_autocast_enabled(type);
    }

    private static ScalarType dtype() {
        return torch.get_autocast_dtype(DeviceType.CUDA).intern();
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void aGpuComputesInThePrecision(Precision precision) {
        try (var amp = new Autocast(GPU, precision)) {
            assertThat(isEnabled(DeviceType.CUDA)).isTrue();
            assertThat(dtype()).isEqualTo(precision.dtype());
        }
    }

    @Test
    void fp32IsStrictInsideAutocastToo() {
        try (var outer = new Autocast(GPU, Precision.BF16)) {
            try (var amp = new Autocast(GPU, Precision.FP32)) {
                assertThat(isEnabled(DeviceType.CUDA)).isFalse();
            }
            assertThat(isEnabled(DeviceType.CUDA)).isTrue();
            assertThat(dtype()).isEqualTo(ScalarType.BFloat16);
        }
    }

    @Test
    void aModelKeepsWhatItsRunHasSaid() {
        try (var run = Autocast.ofRun(GPU, Precision.BF16)) {
            try (var model = Autocast.ofModel(GPU, Precision.FP16)) {
                assertThat(dtype()).isEqualTo(ScalarType.BFloat16);
                try (var part = Autocast.ofPart(GPU, Precision.FP32, Precision.FP16)) {
                    assertThat(dtype()).isEqualTo(ScalarType.BFloat16);
                }
                try (var part = Autocast.ofPart(GPU, Precision.FP16, Precision.FP16)) {
                    assertThat(dtype()).as("of a part stored in fp16").isEqualTo(ScalarType.Half);
                }
            }
            assertThat(isEnabled(DeviceType.CUDA)).isTrue();
        }
        try (var model = Autocast.ofModel(GPU, Precision.BF16)) {
            assertThat(dtype()).as("without a run").isEqualTo(ScalarType.BFloat16);
        }
    }

    @Test
    void aWeightThatHasChangedIsCastAnew() {
        try (var scope = new PointerScope()) {
            var weight = torch.ones(2, 2).requires_grad_(true);
            assertThat(sumInBf16(weight)).isEqualTo(4);
            weight.detach().fill_(Tensors.scalar(2));
            assertThat(sumInBf16(weight)).isEqualTo(8);
        }
    }

    private static double sumInBf16(Tensor weight) {
        try (var region = Autocast.ofRun(Devices.cpu(), Precision.BF16)) {
            return torch.ones(1, 2).matmul(weight).sum().item_double();
        }
    }

    @ParameterizedTest
    @EnumSource
    void modelsLeaveACpuAlone(Precision precision) {
        try (var strict = new Autocast(Devices.cpu(), precision);
                var model = Autocast.ofModel(Devices.cpu(), precision);
                var part = Autocast.ofPart(Devices.cpu(), precision, Precision.FP16)) {
            assertThat(isEnabled(DeviceType.CPU)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void aRunDecidesOnACpu(Precision precision) {
        try (var scope = new PointerScope();
                var run = Autocast.ofRun(Devices.cpu(), precision);
                var model = Autocast.ofModel(Devices.cpu(), Precision.FP32)) {
            var x = torch.ones(2, 2);
            assertThat(Tensors.dtype(x.matmul(x))).isEqualTo(precision.dtype());
            assertThat(Autocast.dtype(x)).isEqualTo(precision.dtype());
            assertThat(Autocast.match(x, x.to(ScalarType.Double)))
                    .as("what autocast converts is not converted before")
                    .isSameAs(x);
        }
        try (var scope = new PointerScope()) {
            var x = torch.ones(2, 2);
            assertThat(Tensors.dtype(x.matmul(x))).as("afterwards").isEqualTo(ScalarType.Float);
        }
    }
}
