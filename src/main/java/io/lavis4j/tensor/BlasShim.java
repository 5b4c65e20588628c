package io.lavis4j.tensor;

import java.io.File;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * The library {@code lavis4j_blas}, which lets libtorch's threads do OpenBLAS's work ({@code native/README.md}).
 *
 * <p>It stands between libtorch and OpenBLAS because the dynamic linker finds its {@code sgemm_} first, so it must be
 * in place before libtorch's first product. Only {@link Libtorch} calls it.
 */
final class BlasShim {
    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_blas.so";

    /**
     * The name by which libtorch asks for OpenBLAS: JavaCPP loads two copies, and the linker gives both of us the same.
     */
    private static final String OPENBLAS_SONAME = "libopenblas.so.0";

    private static final String LIBTORCH_SONAME = "libtorch_cpu.so";

    private BlasShim() {}

    /**
     * The work of the shim since it was loaded.
     *
     * @param products calls of a matrix product
     * @param nested of these, calls from inside an OpenMP region, which are always computed serially
     * @param split of these, calls that were cut into blocks
     * @param blocks blocks of all calls that were cut
     */
    record Counts(long products, long nested, long split, long blocks) {}

    /**
     * Loads the shim into the global scope of the process, in front of OpenBLAS, which must be loaded already.
     *
     * @throws UnsatisfiedLinkError if there is no build for this platform or OpenBLAS is not what is expected
     */
    static void install() {
        var file = extract();
        System.load(file.getPath()); // binds the native methods; not global yet, so that a failure changes nothing
        check("lavis4j_blas_init", init(OPENBLAS_SONAME));
        Loader.loadGlobal(file.getPath());
    }

    /** Takes the number of threads from libtorch, which must be loaded already. */
    static void followLibtorch() {
        check("lavis4j_blas_follow", follow(LIBTORCH_SONAME));
    }

    /** Gives OpenBLAS its own threads back; products that still arrive are passed on whole. */
    static void uninstall() {
        check("lavis4j_blas_release", release());
    }

    static Counts counts() {
        long[] counts = readCounts();
        return new Counts(counts[0], counts[1], counts[2], counts[3]);
    }

    private static File extract() {
        // The same libgomp that libtorch is going to use, so that there is one team of threads.
        var properties = Loader.loadProperties(torch.class, Loader.loadProperties(), true);
        Loader.loadLibrary(torch.class, Loader.findLibrary(torch.class, properties, "gomp@.1"), "gomp@.1");

        return JarLibrary.extract(RESOURCE);
    }

    private static void check(String function, int status) {
        if (status != 0) {
            throw new UnsatisfiedLinkError("expected status 0 of %s, got %d".formatted(function, status));
        }
    }

    private static native int init(String openblasPath);

    private static native int follow(String libtorchPath);

    private static native int release();

    private static native long[] readCounts();
}
