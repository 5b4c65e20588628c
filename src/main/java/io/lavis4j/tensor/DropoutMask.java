package io.lavis4j.tensor;

import java.nio.FloatBuffer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What dropout keeps, on a CPU: drawn by the library {@code lavis4j_dropout} ({@code native/README.md}) on libtorch's
 * threads, or, where that cannot be loaded, by the same formula in Java.
 *
 * <p>A mask is made of one number of libtorch's CPU generator, so {@link RandomState} governs it, and is the same
 * whatever the number of threads.
 */
public final class DropoutMask {

    private static final Logger LOG = LoggerFactory.getLogger(DropoutMask.class);
    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_dropout.so";

    private DropoutMask() {}

    /** Whether the native library is in the process; asked once. */
    private static final class Native {

        static final boolean LOADED = load();

        private static boolean load() {
            Libtorch.load(); // whose OpenMP it takes
            try {
                System.load(JarLibrary.extract(RESOURCE).getPath());
                return true;
            } catch (UnsatisfiedLinkError e) {
                LOG.warn("Dropout on CPU is drawn in Java, which is several times slower: {}", e.getMessage());
                return false;
            }
        }
    }

    /**
     * Draws a mask.
     *
     * @param shape of the mask
     * @param p probability of 0, 0 to 1
     * @return float32, each value 0 or 1/(1 - p)
     * @throws IllegalArgumentException if {@code p} is not a probability
     */
    public static Tensor draw(long[] shape, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected a probability from 0 to 1, got " + p);
        }
        var cpu = Devices.cpu();
        long key = torch.empty(new long[] {1}, Tensors.options(cpu, ScalarType.Long), null)
                .random_()
                .item_long();
        var mask = torch.empty(shape, Tensors.options(cpu, ScalarType.Float), null);
        long n = mask.numel();
        if (n > 0) {
            FloatBuffer values = mask.data_ptr_float().capacity(n).asBuffer();
            if (Native.LOADED) {
                fillNatively(key, p, values);
            } else {
                values.put(inJava(key, p, values.remaining()));
            }
        }
        return mask;
    }

    static void fillNatively(long key, double p, FloatBuffer mask) {
        int status = fill(key, p, mask, mask.capacity(), Libtorch.threads());
        if (status != 0) {
            throw new IllegalStateException("expected status 0 of lavis4j_dropout_mask, got " + status);
        }
    }

    /** The formula of {@code lavis4j/dropout.h}. */
    static float[] inJava(long key, double p, int n) {
        long dropped = (long) Math.min(p * 0x1p32, 0x1p32 - 1);
        float kept = p < 1 ? (float) (1 / (1 - p)) : 0;
        float[] mask = new float[n];
        for (int i = 0; i < n; i++) {
            int word = Threefry.of(key, (i / 64) * 16L + i % 16)[i % 64 / 16];
            mask[i] = Integer.toUnsignedLong(word) < dropped ? 0 : kept;
        }
        return mask;
    }

    private static native int fill(long key, double p, FloatBuffer mask, long n, int threads);
}
