package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class LibtorchTest {
    @Test
    void loadsOnceFromManyThreads() throws InterruptedException, ExecutionException {
        var pool = Executors.newFixedThreadPool(8);
        try {
            var start = new CountDownLatch(1);
            var loads = IntStream.range(0, 8)
                    .mapToObj(i -> pool.submit(() -> {
                        start.await();
                        Libtorch.load();
                        return Libtorch.blas();
                    }))
                    .toList();
            start.countDown();
            for (var load : loads) {
                assertThat(load.get()).isEqualTo(Libtorch.blas());
            }
        } finally {
            pool.shutdown();
        }
    }

    @Test
    @DisabledIf("seeksCuda")
    void seeksNoLibrariesOfCudaWhereNoBuildNeedsThem() {
        Libtorch.load();

        assertThat(Loader.loadProperties(torch.class, Loader.loadProperties(), true)
                        .get("platform.preload"))
                .contains("gomp@.1")
                .noneMatch(library -> library.startsWith("cu") || library.startsWith("nv"));
    }

    @Test
    void saysWhichBlasComputes() {
        String expected = torch.hasMKL()
                ? "MKL \\d+\\.\\d+, libtorch's threads, \\d+ threads?"
                : "OpenBLAS \\d+\\.\\d+\\.\\d+, lavis4j threading shim( with products by (AMX|AVX-512|AVX2))?, \\d+ threads?";

        assertThat(Libtorch.blas()).matches(expected);
    }

    @Test
    void threadsAreLibtorchThreads() {
        int before = Libtorch.threads();
        try {
            Libtorch.threads(3);

            assertThat(torch.get_num_threads()).isEqualTo(3);
            assertThat(Libtorch.blas()).endsWith(", 3 threads");

            torch.set_num_threads(1);

            assertThat(Libtorch.threads()).isEqualTo(1);
            assertThat(Libtorch.blas()).endsWith(", 1 thread");
        } finally {
            Libtorch.threads(before);
        }
    }

    @Test
    void refusesLessThanOneThread() {
        assertThatThrownBy(() -> Libtorch.threads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at least 1 thread, got 0");
    }

    @Test
    @EnabledIf("hasMkl")
    void threadsAreMklThreads() {
        int before = Libtorch.threads();
        try {
            Libtorch.threads(3);

            assertThat(torch.get_parallel_info().getString()).contains("mkl_get_max_threads() : 3");
        } finally {
            Libtorch.threads(before);
        }
    }

    static boolean seeksCuda() {
        return System.getProperty(LibtorchParts.PATHS_FIRST) != null
                || LibtorchTest.class.getResource("/org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so") != null;
    }

    static boolean hasMkl() {
        Libtorch.load();
        return torch.hasMKL();
    }

    /** A program that uses libtorch too early. */
    static final class Early {
        private Early() {}

        public static void main(String[] args) {
            torch.mm(torch.ones(2, 2), torch.ones(2, 2));
            System.out.println(Libtorch.blas());
        }
    }

    @Test
    @DisabledIf("hasMkl")
    void goesOnWithAWarningWhenLibtorchWasUsedBefore() throws IOException {
        assertThat(output(Early.class))
                .contains("libtorch was in use before Libtorch.load()")
                .contains("its own threads beside libtorch's");
    }

    /** A program that only loads, twice. */
    static final class Loading {
        private Loading() {}

        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    Libtorch.load();
                } catch (IllegalStateException e) {
                    System.out.println(i + " " + e.getMessage());
                }
            }
        }
    }

    @Test
    void aPartThatCannotBeLoadedIsNotTakenFromAnotherBuild(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("libtorch_cpu.so"), "of another machine");

        var output = output(
                Loading.class,
                "-Dorg.bytedeco.javacpp.pathsFirst=true",
                "-Djava.library.path=" + folder,
                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));

        assertThat(output)
                .contains("0 libtorch cannot be loaded: " + folder.resolve("libtorch_cpu.so") + " is damaged")
                .contains("1 libtorch cannot be loaded: " + folder.resolve("libtorch_cpu.so") + " is damaged")
                .contains("It was looked for in java.library.path (%s) first".formatted(folder));
    }

    @Test
    void partsOfTwoBuildsAreRefused(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("libtorch_cuda.so"), "of a build whose other part is not here");

        var output = output(
                Loading.class,
                "-Dorg.bytedeco.javacpp.pathsFirst=true",
                "-Djava.library.path=" + folder,
                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));

        assertThat(output).contains("expected libtorch_cpu.so and libtorch_cuda.so of one build, got jar:");
    }

    /** A program that loads and says what computes. */
    static final class Blas {
        private Blas() {}

        public static void main(String[] args) {
            System.out.println(Libtorch.blas());
        }
    }

    @Test
    @DisabledIf("hasMkl")
    void aMachineThatNeverRanItUnpacksAllLibrariesThatItNeeds(@TempDir Path folder) throws IOException {
        assertThat(output(Blas.class, "-Dorg.bytedeco.javacpp.cachedir=" + folder))
                .contains("OpenBLAS")
                .doesNotContain("cannot be loaded");
    }

    private static String output(Class<?> program, String... options) throws IOException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void javaHeapDoesNotLimitTensors() {
        Libtorch.load();

        assertThat(Pointer.maxBytes()).isZero();
        assertThat(Pointer.maxPhysicalBytes()).isZero();
    }
}
