package io.lavis4j.tensor;

import org.bytedeco.javacpp.Loader;

/**
 * The library {@code lavis4j_blas}, which lets libtorch's threads do OpenBLAS's work ({@code native/README.md}).
 *
 * <p>It stands between libtorch and OpenBLAS because the dynamic linker finds its {@code sgemm_} first, so it must be
 * in place before libtorch's first product. Only {@link Libtorch} calls it, and not for a libtorch without OpenBLAS.
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
     * Loads the shim into the global scope of the process, in front of OpenBLAS, and takes the number of threads from
     * libtorch; both must be loaded already.
     *
     * @throws UnsatisfiedLinkError if there is no build for this platform, or OpenBLAS or libtorch is not what is
     *     expected; nothing has changed then
     */
    static void install() {
        String file = JarLibrary.extract(RESOURCE).getPath();
        System.load(file); // binds the native methods; not global yet, so that a failure changes nothing
        check("lavis4j_blas_init", init(OPENBLAS_SONAME));
        int followed = follow(LIBTORCH_SONAME);
        if (followed != 0) {
            uninstall();
        }
        check("lavis4j_blas_follow", followed);
        Loader.loadGlobal(file);
    }

    /** Gives OpenBLAS its own threads back; products that still arrive are passed on whole. */
    static void uninstall() {
        check("lavis4j_blas_release", release());
    }

    static Counts counts() {
        long[] counts = readCounts();
        return new Counts(counts[0], counts[1], counts[2], counts[3]);
    }

    /**
     * {@code y = activation(x W^T + bias) + residual}. Addresses are of contiguous float32.
     *
     * @param x (rows, in)
     * @param weight (out, in)
     * @param bias (out), or 0 for none
     * @param residual (rows, out), or 0 for none
     * @param y receives (rows, out); apart from all others
     */
    static void dense(
            long rows,
            long in,
            long out,
            long x,
            long weight,
            long bias,
            long residual,
            Activation activation,
            long y) {
        int status = dense(rows, in, out, x, weight, bias, residual, activation.code, y);
        if (status != 0) {
            throw new IllegalStateException("expected status 0 of lavis4j_blas_dense, got " + status);
        }
    }

    /** The instructions by which the shim computes products itself, as {@code AMX}; empty if OpenBLAS computes them. */
    static native String instructions();

    private static void check(String function, int status) {
        if (status != 0) {
            throw new UnsatisfiedLinkError("expected status 0 of %s, got %d".formatted(function, status));
        }
    }

    private static native int init(String openblasPath);

    private static native int follow(String libtorchPath);

    private static native int release();

    private static native int dense(
            long rows, long in, long out, long x, long weight, long bias, long residual, int activation, long y);

    private static native long[] readCounts();
}
