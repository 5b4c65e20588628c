package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Device;
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
        assertThat(Autocast.isEnabled()).isFalse();
        assertThat(dtype()).isEqualTo(ScalarType.Half);
    }

    private static ScalarType dtype() {
        return torch.get_autocast_dtype(DeviceType.CUDA).intern();
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void aGpuComputesInThePrecision(Precision precision) {
        try (var amp = new Autocast(GPU, precision)) {
            assertThat(Autocast.isEnabled()).isTrue();
            assertThat(dtype()).isEqualTo(precision.dtype());
        }
    }

    @Test
    void fp32IsStrictInsideAutocastToo() {
        try (var outer = new Autocast(GPU, Precision.BF16)) {
            try (var amp = new Autocast(GPU, Precision.FP32)) {
                assertThat(Autocast.isEnabled()).isFalse();
            }
            assertThat(Autocast.isEnabled()).isTrue();
            assertThat(dtype()).isEqualTo(ScalarType.BFloat16);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCpuIsLeftAlone(Precision precision) {
        try (var amp = new Autocast(Devices.cpu(), precision)) {
            assertThat(Autocast.isEnabled()).isFalse();
        }
    }
}
