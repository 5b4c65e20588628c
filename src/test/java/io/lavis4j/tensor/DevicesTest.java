package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {

    private static String name(String asked, Cuda cuda) {
        return Devices.of(asked, () -> cuda).str().getString();
    }

    @Test
    void aDeviceIsChosenByName() {
        var two = CudaTest.withGpus(86, 90);
        assertThat(name("cpu", two)).isEqualTo("cpu");
        assertThat(name("cuda", two)).isEqualTo("cuda:0");
        assertThat(name("cuda:1", two)).isEqualTo("cuda:1");
        assertThat(name("auto", two)).isEqualTo("cuda:0");
    }

    @Test
    void autoIsTheCpuWhereNoGpuCanBeUsed() {
        assertThat(name("auto", CudaTest.cpuBuild())).isEqualTo("cpu");
        assertThat(name("auto", CudaTest.withGpus())).isEqualTo("cpu");
        assertThat(name("auto", CudaTest.withGpus(61))).isEqualTo("cpu");
    }

    @Test
    void cudaThatCannotBeUsedIsRefusedWithTheReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> name("cuda", CudaTest.cpuBuild()))
                .withMessageStartingWith("device \"cuda\" cannot be used: this libtorch (2.13.0) is a CPU build");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> name("cuda:2", CudaTest.withGpus(86, 86)))
                .withMessage("device \"cuda:2\" cannot be used: there are 2 GPUs: take cuda:0 to cuda:1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> name("cuda", CudaTest.withGpus(61)))
                .withMessageContaining("NVIDIA Card has compute capability 6.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:99999999999", ""})
    void otherNamesAreRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.of(name))
                .withMessage("unknown device \"%s\", expected cpu, cuda, cuda:N or auto".formatted(name));
    }
}
