package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each reason why a GPU cannot be used is told in one line of its own. */
class CudaTest {

    private static final Cuda.Build GPU_BUILD =
            new Cuda.Build("2.13.0", "13.3", List.of("sm_75", "sm_80", "sm_90", "sm_100", "sm_120"));

    private static Cuda.Gpu gpu(int index, int capability) {
        return new Cuda.Gpu(index, "NVIDIA Card", 24L << 30, capability / 10, capability % 10);
    }

    private static Cuda.Answers answers(int driver, int error, String message, int... capabilities) {
        var gpus = IntStream.range(0, capabilities.length)
                .mapToObj(i -> gpu(i, capabilities[i]))
                .toList();
        return new Cuda.Answers(13030, driver, error, message, gpus);
    }

    /** A machine with libtorch's CUDA build. */
    static Cuda machine(Cuda.Answers answers, @Nullable String driver) {
        return new Cuda(GPU_BUILD, null, answers, driver);
    }

    static Cuda withGpus(int... capabilities) {
        return machine(answers(13030, 0, "", capabilities), "595.10");
    }

    static Cuda cpuBuild() {
        return new Cuda(new Cuda.Build("2.13.0", "", List.of()), null, null, null);
    }

    private static void assertOneLine(Cuda.@Nullable Problem problem, String... parts) {
        assertThat(String.valueOf(problem))
                .contains(parts)
                .endsWith("or set run.device=cpu")
                .hasLineCount(1);
    }

    @Test
    void theCpuBuildHasNoCuda() {
        assertOneLine(cpuBuild().problem(0), "this libtorch (2.13.0) is a CPU build: start with pip's torch");
        assertOneLine(
                new Cuda(cpuBuild().libtorch(), null, null, "580.65.06").problem(0),
                "is a CPU build, though there is NVIDIA's driver 580.65.06: ");
    }

    @Test
    void aLibraryOfCudaIsMissing() {
        String missing = LinkerMessage.explained(
                "/c/libtorch_cuda.so: libnccl.so.2: cannot open shared object file: No such file or directory");
        assertOneLine(
                new Cuda(GPU_BUILD, missing, null, null).problem(0),
                "libtorch 2.13.0 for CUDA 13.3 works without its CUDA library, which cannot be loaded: libnccl.so.2",
                "nvidia-nccl-cu13");
    }

    @Test
    void thereIsNoDriver() {
        assertOneLine(
                machine(answers(0, 35, "CUDA driver version is insufficient for CUDA runtime version"), null)
                        .problem(0),
                "no NVIDIA driver: CUDA says \"CUDA driver version is insufficient",
                "(/proc/driver/nvidia/version is not there)",
                "install driver 580 or newer");
    }

    @Test
    void theDriverIsTooOld() {
        assertOneLine(
                machine(answers(12080, 35, "CUDA driver version is insufficient"), "570.86.15")
                        .problem(0),
                "the NVIDIA driver 570.86.15 is for CUDA up to 12.8 and older than CUDA 13.3 needs",
                "install driver 580 or newer");
    }

    @Test
    void thereIsNoGpu() {
        assertOneLine(
                machine(answers(13030, 100, "no CUDA-capable device is detected"), "580.65.06")
                        .problem(0),
                "no GPU: CUDA says \"no CUDA-capable device is detected\" (driver 580.65.06)",
                "nvidia-smi");
        assertOneLine(withGpus().problem(0), "no GPU: CUDA says \"0 devices\"");
    }

    @Test
    void otherErrorsAreCudas() {
        assertOneLine(
                machine(answers(13030, 802, "system not yet initialized"), "580.65.06")
                        .problem(0),
                "CUDA does not start: error 802, \"system not yet initialized\" (driver 580.65.06)");
    }

    @Test
    void thereAreFewerGpus() {
        assertThat(withGpus(86).problem(0)).isNull();
        assertThat(withGpus(86).problem(1)).hasToString("there is one GPU: take cuda:0");
        assertThat(withGpus(86, 86).problem(1)).isNull();
        assertThat(withGpus(86, 86).problem(2)).hasToString("there are 2 GPUs: take cuda:0 to cuda:1");
    }

    @Test
    void aGpuWithoutKernelsIsRefusedByName() {
        var cuda = withGpus(86, 61);
        assertThat(cuda.problem(0)).isNull();
        assertOneLine(
                cuda.problem(1),
                "NVIDIA Card has compute capability 6.1, and libtorch 2.13.0 has kernels for sm_75, sm_80, sm_90, sm_100,"
                        + " sm_120 alone");
    }

    @ParameterizedTest
    @CsvSource({
        "61, false, false",
        "70, false, false",
        "75, true, false",
        "80, true, false",
        "86, true, false",
        "89, true, false",
        "90, true, true",
        "103, true, true",
        "110, false, true",
        "121, true, true"
    })
    void kernelsFitCapabilities(int capability, boolean compiled, boolean translated) {
        assertThat(GPU_BUILD.runsOn(gpu(0, capability))).isEqualTo(compiled);
        assertThat(new Cuda.Build("2.13.0", "13.3", List.of("compute_90")).runsOn(gpu(0, capability)))
                .isEqualTo(translated);
    }

    @Test
    void aBuildIsReadFromWhatLibtorchSaysOfItself() {
        assertThat(Cuda.Build.of("""
                                PyTorch built with:
                                  - NVCC architecture flags: -gencode;arch=compute_80,code=sm_80
                                  - Build settings: CUDA_FLAGS= -gencode arch=compute_80,code=sm_80 -gencode \
                                arch=compute_90a,code=sm_90a -gencode arch=compute_90,code=compute_90 , CUDA_VERSION=13.0, \
                                CUDNN_VERSION=9.25.0, TORCH_VERSION=2.13.0, USE_CUDA=1,
                                """))
                .isEqualTo(new Cuda.Build("2.13.0", "13.0", List.of("sm_80", "sm_90", "compute_90")));
    }

    @Test
    void theLibtorchOfTheseTestsSaysWhatItIs() {
        var build = Cuda.found().libtorch();
        assertThat(build.version()).startsWith("2.");
        assertThat(LoadedLibrary.libtorch())
                .hasValueSatisfying(file -> assertThat(file).exists().hasFileName("libtorch_cpu.so"));
        assertThat(build.hasCuda()).isEqualTo(!build.code().isEmpty());
    }

    @Test
    void theDriversReleaseIsRead(@TempDir Path folder) throws IOException {
        var file = folder.resolve("version");
        assertThat(Cuda.driver(file)).isNull();
        Files.writeString(
                file,
                "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version: 12.2.0\n");
        assertThat(Cuda.driver(file)).isEqualTo("580.65.06");
    }

    @Test
    void theRuntimeIsNotAskedWhereLibtorchHasNone() {
        assumeFalse(Cuda.found().libtorch().hasCuda(), "this libtorch has CUDA");
        assertThat(CudaRuntime.answers()).isNull();
    }
}
