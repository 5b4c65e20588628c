package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code doctor} with libtorch's CUDA build on a machine without a GPU: its settings make each thing wrong. */
@Tag("fake-cuda")
class DoctorOnCudaTest {

    private static final String LIBRARIES = System.getProperty("fake.cuda.dir", "");

    @TempDir
    private Path folder = Path.of("");

    private final DoctorProcess machine = new DoctorProcess();

    @BeforeEach
    void requireRuntime() {
        assumeTrue(!LIBRARIES.isEmpty(), "there is no CUDA; the profile fake-cuda has one");
    }

    @Test
    void aSoundGpuIsSound() throws IOException, InterruptedException {
        machine.variable("FAKE_CUDA_DEVICES", "2");
        var result = machine.doctor("--device", "cuda:1");
        assertThat(result.wrong()).isEmpty();
        assertThat(result.lines())
                .anyMatch(line -> line.matches("ok {5}libtorch: \\S+, CUDA 13\\.\\d, from .*"))
                .anyMatch(line -> line.matches("ok {5}cuda:1: .*, 24000 MiB, compute capability 8.6"));
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FAKE_CUDA_DRIVER | 12080 | gpu: the NVIDIA driver is for CUDA up to 12.8 and older than CUDA 13",
                "FAKE_CUDA_DRIVER | 0 | gpu: no NVIDIA driver: CUDA says",
                "FAKE_CUDA_DEVICES | 0 | gpu: no GPU: CUDA says",
                "FAKE_CUDA_DEVICES | 1 | gpu: there is one GPU — take cuda:0",
                "FAKE_CUDA_CC | 61 | has compute capability 6.1, and libtorch 2.13.0 has kernels for sm_75, sm_80,",
                "FAKE_CUDA_CC | 110 | has compute capability 11.0, and libtorch 2.13.0 has kernels for sm_75, sm_80,"
            })
    void aGpuThatCannotBeUsedIsOneFault(String variable, String value, String part)
            throws IOException, InterruptedException {
        machine.variable("FAKE_CUDA_DEVICES", "2");
        machine.variable(variable, value);
        var result = machine.doctor("--device", "cuda:1");
        assertThat(result.lines())
                .filteredOn(line -> line.startsWith("FAULT"))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(part, " — "));
        assertThat(result.status()).isEqualTo(1);
        assertThat(machine.doctor().status()).as("with auto it is a note").isZero();
    }

    @Test
    void settingsForWhichLibtorchEndsTheProcessAreAFaultAmongOthers() throws IOException, InterruptedException {
        machine.variable("PYTORCH_CUDA_ALLOC_CONF", "expandable");
        var result = machine.doctor("--device", "cuda");
        assertThat(result.lines())
                .anyMatch(line -> line.startsWith("FAULT  PYTORCH_CUDA_ALLOC_CONF: "))
                .anyMatch(line -> line.startsWith("note   libtorch: not loaded, as "))
                .anyMatch(line -> line.contains("temporary files: "));
        assertThat(result.status()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "libnccl.so.2 | FAULT  gpu: libtorch 2.13.0 for CUDA 13.3 works without its CUDA library",
                "libcufile.so.0 | FAULT  gpu: libtorch 2.13.0 for CUDA 13.3 works without its CUDA library",
                "libcupti.so.13 | FAULT  libtorch: libtorch cannot be loaded"
            })
    void aLibraryThatIsMissingIsNamed(String library, String part) throws IOException, InterruptedException {
        try (var files = Files.list(Path.of(LIBRARIES))) {
            for (var file : files.filter(each -> !each.endsWith(library)).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        machine.variable("LD_LIBRARY_PATH", folder.toString());
        var result = machine.doctor("--device", "cuda");
        assertThat(result.lines())
                .filteredOn(line -> line.startsWith("FAULT"))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith(part)
                        .contains(library + " is not on the library path: pip's torch brings it (package nvidia-"));
        assertThat(result.status()).isEqualTo(1);
    }
}
