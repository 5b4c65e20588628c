package io.lavis4j.tensor;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The library {@code lavis4j_attention} ({@code native/README.md}): attention on a CPU. */
final class AttentionLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(AttentionLibrary.class);
    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_attention.so";

    private AttentionLibrary() {}

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
                        "Attention is libtorch's, with dropout from single operations, which is several times slower on CPU: {}",
                        e.getMessage());
                return false;
            }
        }
    }

    static boolean isLoaded() {
        return Native.LOADED;
    }

    /**
     * {@code y = (factors softmax(scale q k^T + mask)) v}, all float32.
     *
     * @param sizes B, H, N, M, d
     * @param q (B, H, N, d) as an address and the distances of batches, heads and rows, in numbers
     * @param k (B, H, M, d), and {@code v} likewise
     * @param mask (B, H, N, M) as an address and four distances; {@code null} for none
     * @param weights address of (B, H, N, M) factors of dropout, which become what backward takes; 0 for no dropout
     * @param y receives (B, H, N, d)
     */
    static native void forward(
            long[] sizes,
            float scale,
            long[] q,
            long[] k,
            long[] v,
            long @Nullable [] mask,
            long weights,
            long[] y,
            int threads);

    /**
     * The gradients of q, k and v from {@code dy}, that of y.
     *
     * @param kept the factor of dropout that is not 0
     * @param weights that forward left
     * @param dq receives (B, H, N, d); {@code null} where it is not needed, as {@code dk} and {@code dv}
     */
    static native void backward(
            long[] sizes,
            float scale,
            float kept,
            long[] q,
            long[] k,
            long[] v,
            long weights,
            long[] dy,
            long @Nullable [] dq,
            long @Nullable [] dk,
            long @Nullable [] dv,
            int threads);
}
