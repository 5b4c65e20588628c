package io.lavis4j.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.Cuda;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeviceCheckTest {

    private static final Cuda.Gpu GOOD = new Cuda.Gpu(0, "NVIDIA RTX A5000", 24000L << 20, 8, 6);
    private static final Cuda.Gpu OLD = new Cuda.Gpu(1, "NVIDIA TITAN X", 12000L << 20, 6, 1);

    private static Cuda cuda(int driver, int error, String message, Cuda.Gpu... gpus) {
        return new Cuda(
                new Cuda.Build("2.13.0", "13.3", List.of("sm_75", "sm_80")),
                null,
                new Cuda.Answers(13030, driver, error, message, List.of(gpus)),
                "580.65.06");
    }

    private static List<String> lines(String device, @Nullable Cuda cuda) {
        return new DeviceCheck(device, cuda)
                .findings().stream().map(Finding::toString).toList();
    }

    @Test
    void gpusAreListedWithMemoryAndCapability() {
        assertThat(lines("cuda", cuda(13030, 0, "", GOOD)))
                .containsExactly(
                        "ok     driver: 580.65.06, for CUDA up to 13.3; runtime 13.3",
                        "ok     cuda:0: NVIDIA RTX A5000, 24000 MiB, compute capability 8.6");
    }

    @Test
    void oneThatIsNotAskedForIsNoFault() {
        var both = cuda(13030, 0, "", GOOD, OLD);
        assertThat(lines("cuda", both))
                .filteredOn(line -> line.startsWith("note   cuda:1: NVIDIA TITAN X has"))
                .hasSize(1);
        assertThat(lines("cuda:1", both))
                .filteredOn(
                        line -> line.startsWith(
                                "FAULT  cuda:1: NVIDIA TITAN X has compute capability 6.1, and libtorch 2.13.0 has kernels for sm_75, sm_80 alone — take a GPU"))
                .hasSize(1);
        assertThat(lines("cuda:2", both)).contains("FAULT  gpu: there are 2 GPUs — take cuda:0 to cuda:1");
    }

    @Test
    void absenceIsAFaultOnlyWhereAGpuIsAskedFor() {
        var old = cuda(12080, 35, "CUDA driver version is insufficient for CUDA runtime version");
        String line = "gpu: the NVIDIA driver 580.65.06 is for CUDA up to 12.8 and older than CUDA 13.3 needs";
        assertThat(lines("auto", old).get(1)).startsWith("note   " + line);
        assertThat(lines("cpu", old).get(1)).startsWith("note   " + line);
        assertThat(lines("cuda", old).get(1)).startsWith("FAULT  " + line).contains(" — install driver 580 or newer");
        assertThat(lines("cuda", cuda(13030, 100, "no CUDA-capable device is detected"))
                        .get(1))
                .startsWith("FAULT  gpu: no GPU: CUDA says \"no CUDA-capable device is detected\"");
    }

    @Test
    void withoutLibtorchNothingIsSaid() {
        assertThat(lines("cuda", null)).isEmpty();
    }
}
