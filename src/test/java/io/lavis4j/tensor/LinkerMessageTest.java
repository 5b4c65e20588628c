package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkerMessageTest {

    /** What libtorch's CUDA build depends on, and what brings it. */
    @ParameterizedTest
    @CsvSource({
        "libcudart.so.13, nvidia-cuda-runtime",
        "libnccl.so.2, nvidia-nccl-cu13",
        "libcufile.so.0, nvidia-cufile",
        "libcupti.so.13, nvidia-cuda-cupti",
        "libcusolverMg.so.12, nvidia-cusolver",
        "libcusolver.so.12, nvidia-cusolver",
        "libcusparseLt.so.0, nvidia-cusparselt-cu13",
        "libcusparse.so.12, nvidia-cusparse",
        "libcudnn_graph.so.9, nvidia-cudnn-cu13",
        "libcublasLt.so.13, nvidia-cublas",
        "libcurand.so.10, nvidia-curand",
        "libnvshmem_host.so.3, nvidia-nvshmem-cu13"
    })
    void aMissingLibraryIsNamedWithItsPackage(String library, String bringing) {
        assertThat(LinkerMessage.explained("/cache/libtorch_cuda.so: " + library
                        + ": cannot open shared object file: No such file or directory"))
                .startsWith("%s is not on the library path: pip's torch brings it (package %s), "
                        .formatted(library, bringing));
    }

    @Test
    void theDriversLibraryComesWithTheDriver() {
        assertThat(LinkerMessage.explained("libcuda.so.1: cannot open shared object file: No such file or directory"))
                .isEqualTo("libcuda.so.1 is not on this machine: it comes with NVIDIA's driver");
    }

    @Test
    void otherLibrariesAreTheSystems() {
        assertThat(LinkerMessage.explained("libfoo.so.6: cannot open shared object file: No such file or directory"))
                .startsWith("libfoo.so.6 is not on the library path: install the system's package");
    }

    @Test
    void aDamagedFileIsNamedWithItsPlace() {
        assertThat(LinkerMessage.explained("/c/libjnitorch.so: /c/libjnitorch.so: file too short"))
                .isEqualTo(
                        "/c/libjnitorch.so is damaged (file too short): remove it, so that it is taken out of its jar again");
    }

    @Test
    void otherMessagesStayAsTheyAre() {
        assertThat(LinkerMessage.explained("undefined symbol: x")).isEqualTo("undefined symbol: x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Could not find jnitorch in class, module, and library paths.",
                "no torch_cpu in java.library.path: /usr/lib"
            })
    void libtorchItselfIsInAJar(String message) {
        assertThat(LinkerMessage.explained(message))
                .endsWith(
                        "(org.bytedeco:pytorch, classifier linux-x86_64 or linux-x86_64-gpu) is not on the class path");
    }
}
