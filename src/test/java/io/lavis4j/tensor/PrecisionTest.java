package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {

    @ParameterizedTest
    @CsvSource({"fp32, Float", "fp16, Half", "bf16, BFloat16"})
    void namesAreThoseOfLavis(String name, ScalarType dtype) {
        assertThat(Precision.of(name).dtype()).isEqualTo(dtype);
        assertThat(Precision.of(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP32", "float32", "half", ""})
    void refusesOtherNames(String name) {
        assertThatThrownBy(() -> Precision.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown precision \"%s\", expected one of [fp32, fp16, bf16]", name);
    }

    @ParameterizedTest
    @CsvSource({"FP32, FP32", "FP16, FP32", "BF16, BF16"})
    void aCpuStoresHalfPrecisionAsSingle(Precision precision, Precision stored) {
        assertThat(precision.on(Devices.cpu())).isEqualTo(stored);
    }

    @ParameterizedTest
    @EnumSource
    void aGpuStoresWhatIsAskedFor(Precision precision) {
        assertThat(precision.on(new Device("cuda:0"))).isEqualTo(precision);
    }

    @ParameterizedTest
    @CsvSource({"FP32, BF16, BF16", "FP16, BF16, FP16", "BF16, FP32, BF16", "FP32, FP32, FP32"})
    void sixteenBitsComeBeforeAnother(Precision own, Precision other, Precision result) {
        assertThat(own.halfOr(other)).isEqualTo(result);
    }

    @Test
    void devicesWithoutAGpuAreRefusedByName() {
        assertThatThrownBy(() -> Devices.of("gpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown device \"gpu\", expected cpu, cuda, cuda:N or auto");
        assertThat(Devices.of("cpu").is_cpu()).isTrue();
    }
}
