package io.lavis4j.tensor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The library {@code lavis4j_stored} ({@code native/README.md}): products of few rows with stored weights on a CPU. */
final class StoredLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(StoredLibrary.class);
    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_stored.so";

    private StoredLibrary() {}

    /** Whether the library is in the process; asked once. */
    private static final class Native {

        static final boolean LOADED = load();

        private static boolean load() {
            try {
                Libtorch.load(); // with the OpenMP runtime, of whose team the library's threads are
                System.load(JarLibrary.extract(RESOURCE).getPath());
                return true;
            } catch (UnsatisfiedLinkError e) {
                LOG.warn(
                        "Weights of 8 and 16 bits are widened before each product, which makes writing several times slower on"
                                + " CPU: {}",
                        e.getMessage());
                return false;
            }
        }
    }

    static boolean isLoaded() {
        return Native.LOADED;
    }

    /**
     * {@code y = scale (x W^T) + bias}. All but the numbers are addresses of contiguous memory, float32 but for the
     * weights.
     *
     * @param weights (outputs, depth), bfloat16
     * @param x (rows, depth); at most 64 rows
     * @param scale (outputs), or 0 for none
     * @param bias (outputs), or 0 for none
     * @param y receives (rows, outputs)
     */
    static native void bf16(
            long weights, long rows, long outputs, long depth, long x, long scale, long bias, long y, int threads);

    /** The same with weights in int8. */
    static native void int8(
            long weights, long rows, long outputs, long depth, long x, long scale, long bias, long y, int threads);
}
