package io.lavis4j.doctor;

import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.JavaImagePipeline;
import io.lavis4j.tensor.Cuda;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.LoadedLibrary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * libtorch, what computes products, and the image library.
 *
 * @param findings about them
 * @param cuda as libtorch sees it; {@code null} if libtorch cannot be loaded
 */
record LibtorchCheck(List<Finding> findings, @Nullable Cuda cuda) {

    static LibtorchCheck run() {
        var findings = new ArrayList<Finding>();
        Cuda cuda = null;
        try {
            Libtorch.load();
            cuda = Cuda.found();
            findings.add(Finding.ok("libtorch", origin(cuda.libtorch())));
            findings.add(products());
        } catch (IllegalStateException | LinkageError e) {
            findings.add(
                    Finding.fault("libtorch", String.valueOf(e.getMessage()), "nothing can be computed without it"));
        }
        findings.add(images());
        return new LibtorchCheck(findings, cuda);
    }

    /** Without libtorch, of which the CUDA build ends the process as it is loaded. */
    static LibtorchCheck withheld() {
        var libtorch = Finding.note(
                "libtorch",
                "not loaded, as the CUDA build ends the process for the settings of its allocator",
                "correct them, and look again");
        return new LibtorchCheck(List.of(libtorch, images()), null);
    }

    private static String origin(Cuda.Build build) {
        return "%s, %s, from %s"
                .formatted(
                        build.version(),
                        build.hasCuda() ? "CUDA " + build.cuda() : "CPU build",
                        LoadedLibrary.libtorch()
                                .map(file -> String.valueOf(file.getParent()))
                                .orElse("a place that this system does not tell"));
    }

    private static Finding products() {
        String blas = Libtorch.blas();
        return blas.contains("its own threads")
                ? Finding.note("products", blas, "set OPENBLAS_NUM_THREADS=1, and see the log for the reason")
                : Finding.ok("products", blas);
    }

    private static Finding images() {
        return ImagePipelines.best() instanceof JavaImagePipeline
                ? Finding.note(
                        "images",
                        "plain Java, several times slower",
                        "see the log for why the native library is not loaded")
                : Finding.ok("images", "native library");
    }
}
