package io.lavis4j.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsCheckTest {

    private static final int CORES = 4;

    private static List<String> lines(Map<String, String> variables, Map<String, String> properties) {
        return new SettingsCheck(variables, properties, CORES)
                .findings().stream().map(Finding::toString).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OMP_NUM_THREADS | 4 | ok     OMP_NUM_THREADS: 4",
                "OMP_NUM_THREADS | 2,2 | ok     OMP_NUM_THREADS: 2,2",
                "OMP_NUM_THREADS | 0 | note   OMP_NUM_THREADS: \"0\" is not a number of threads, and ignored — set it to 1 to 4, the cores of this machine, or not at all",
                "OMP_NUM_THREADS | all | note   OMP_NUM_THREADS: \"all\" is not a number of threads, and ignored — set it to 1 to 4, the cores of this machine, or not at all",
                "OMP_NUM_THREADS | 64 | note   OMP_NUM_THREADS: 64 threads on 4 cores wait for each other — set it to at most 4, or not at all",
                "OPENBLAS_NUM_THREADS | 5 | note   OPENBLAS_NUM_THREADS: 5 threads on 4 cores wait for each other — set it to at most 4, or not at all",
                "OMP_WAIT_POLICY | passive | ok     OMP_WAIT_POLICY: passive",
                "OMP_WAIT_POLICY | sleep | note   OMP_WAIT_POLICY: \"sleep\" is ignored — set passive where other programs compute too, active where none does",
                "MALLOC_ARENA_MAX | 2 | ok     MALLOC_ARENA_MAX: 2",
                "PYTORCH_CUDA_ALLOC_CONF | expandable_segments:True,max_split_size_mb:64 | ok     PYTORCH_CUDA_ALLOC_CONF: expandable_segments:True,max_split_size_mb:64",
                "PYTORCH_CUDA_ALLOC_CONF | expandable | FAULT  PYTORCH_CUDA_ALLOC_CONF: \"expandable\" is refused by libtorch's allocator — expected settings such as expandable_segments:True, separated by commas",
                "LAVIS_WEIGHT | x | note   LAVIS_WEIGHT: \"x\" is read by nobody — known are [LAVIS_DATA_ROOT, LAVIS_WEIGHTS]"
            })
    void aVariableIsJudged(String name, String value, String line) {
        assertThat(lines(Map.of(name, value), Map.of())).containsExactly(line);
    }

    @Test
    void othersAreLeftOut() {
        assertThat(lines(Map.of("HOME", "/x", "OMP_PROC_BIND", "true"), Map.of("user.home", "/x")))
                .isEmpty();
    }

    @Test
    void propertiesOfJavacppAreShown() {
        assertThat(lines(Map.of(), Map.of("org.bytedeco.javacpp.pathsFirst", "true")))
                .containsExactly("ok     org.bytedeco.javacpp.pathsFirst: true");
    }

    @Test
    void everyFolderOfWeightsMustBeThere(@TempDir Path folder) {
        String none = folder.resolve("none").toString();
        var expected = List.of(
                "ok     LAVIS_WEIGHTS: " + folder,
                "FAULT  LAVIS_WEIGHTS: %s is not a folder — correct it, or make the folder".formatted(none));
        assertThat(lines(Map.of("LAVIS_WEIGHTS", folder + "::" + none), Map.of()))
                .isEqualTo(expected);
        assertThat(lines(Map.of("LAVIS_DATA_ROOT", none), Map.of()))
                .hasSize(1)
                .allMatch(line -> line.startsWith("FAULT"));
        assertThat(lines(Map.of("LAVIS_WEIGHTS", "~"), Map.of())).containsExactly("ok     LAVIS_WEIGHTS: ~");
        assertThat(lines(Map.of(), Map.of("lavis4j.weights", none)))
                .hasSize(1)
                .allMatch(line -> line.startsWith("FAULT"));
    }
}
