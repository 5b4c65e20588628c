package io.lavis4j.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads libtorch so that it computes well on CPU; to be called before the first use of a class of
 * {@code org.bytedeco.pytorch}.
 *
 * <p>libtorch comes with OpenBLAS, whose threads know nothing of libtorch's: inside a parallel region (attention,
 * batched products) each of libtorch's threads starts a team of OpenBLAS's, and {@code set_num_threads} does not reach
 * it. A small library of ours, loaded in between, computes products with libtorch's own threads.
 */
public final class Libtorch {
    private static final Logger LOG = LoggerFactory.getLogger(Libtorch.class);

    private Libtorch() {}

    /**
     * The library that computes matrix products on CPU. MKL would be a third: loaded in place of the shim, and chosen
     * in {@link #now}.
     */
    private enum Blas {
        OPENBLAS_WITH_SHIM("lavis4j threading shim"),
        OPENBLAS("its own threads beside libtorch's");

        private final String threading;

        Blas(String threading) {
            this.threading = threading;
        }

        /** Loads everything, the best choice that works here first. */
        private static Blas now() {
            configureJavacpp();
            Loader.load(org.bytedeco.javacpp.presets.javacpp.class);
            Loader.load(openblas_nolapack.class);
            try {
                BlasShim.install();
            } catch (UnsatisfiedLinkError e) {
                loadTorch();
                warn(e.toString());
                return OPENBLAS;
            }
            loadTorch();
            String reason = "libtorch was in use before Libtorch.load()";
            try {
                BlasShim.followLibtorch();
                if (shimReceivesProducts()) {
                    return OPENBLAS_WITH_SHIM;
                }
            } catch (UnsatisfiedLinkError e) {
                reason = e.toString();
            }
            BlasShim.uninstall();
            warn(reason);
            return OPENBLAS;
        }

        private static void loadTorch() {
            try {
                Loader.load(torch.class);
            } catch (UnsatisfiedLinkError e) {
                Throwable reason = e.getCause() == null ? e : e.getCause();
                throw new IllegalStateException(
                        "libtorch cannot be loaded: " + LinkerMessage.explained(String.valueOf(reason.getMessage())),
                        e);
            }
        }

        /** Multiplies and looks: the linker does not say whose function it has given to libtorch. */
        private static boolean shimReceivesProducts() {
            try (var scope = new PointerScope()) {
                var x = torch.ones(8, 8).to(ScalarType.Float);
                long before = BlasShim.counts().products();
                torch.mm(x, x);
                return BlasShim.counts().products() > before;
            }
        }

        private static void warn(String reason) {
            LOG.warn(
                    "Matrix products use OpenBLAS's own threads ({}). Attention and small layers run several times slower"
                            + " on CPU, and the number of threads is not obeyed. Call Libtorch.load() before anything else of"
                            + " org.bytedeco.pytorch, on Linux with a jar built for this platform, or set"
                            + " OPENBLAS_NUM_THREADS=1.",
                    reason);
        }
    }

    /** Loaded by the first who asks, once: class initialisation is the lock. */
    private static final class Once {
        private static final @Nullable Blas BLAS;
        private static final @Nullable IllegalStateException FAILURE;

        static {
            Blas blas = null;
            IllegalStateException failure = null;
            try {
                blas = Blas.now();
            } catch (IllegalStateException e) {
                failure = e;
            }
            BLAS = blas;
            FAILURE = failure;
        }

        /** Says each time why there is none. */
        private static Blas blas() {
            if (BLAS == null) {
                throw new IllegalStateException(String.valueOf(FAILURE == null ? null : FAILURE.getMessage()), FAILURE);
            }
            return BLAS;
        }
    }

    /**
     * Loads libtorch and what it needs; further calls return at once.
     *
     * <p>Where the threading library cannot take its place, a warning says why, and libtorch works without it.
     *
     * @throws IllegalStateException if libtorch cannot be loaded; the message says what is missing
     */
    public static void load() {
        Once.blas();
    }

    /** One line on what computes matrix products on CPU and with how many threads, for logs. */
    public static String blas() {
        var blas = Once.blas();
        int threads = threads();
        return "%s, %s, %d thread%s"
                .formatted(
                        openblas_nolapack.OPENBLAS_VERSION.strip(), blas.threading, threads, threads == 1 ? "" : "s");
    }

    /** Threads that an operation on CPU may use when the calling thread starts it. */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /**
     * Sets how many threads an operation on CPU may use, for the calling thread and those that have not used libtorch
     * yet.
     *
     * @param threads at least 1
     */
    public static void threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("expected at least 1 thread, got " + threads);
        }
        load();
        torch.set_num_threads(threads);
    }

    /**
     * JavaCPP reads these when its classes are initialised; what the user has set stays.
     *
     * <p>A limit of 0 turns both of its memory checks off. At every pointer they compare memory that the garbage
     * collector does not manage with the Java heap's maximum ({@code maxBytes} with 1 of it, {@code maxPhysicalBytes},
     * which counts the whole process, with 4), collect and wait up to ten times 100 ms when it is more, and then throw
     * OutOfMemoryError: a 12 GB model would need a Java heap of 3 GB that nobody uses. Tensors are freed by scopes
     * instead, and making one costs 1 us less.
     *
     * <p>With slf4j, JavaCPP's remark that the versions of openblas and javacpp differ goes where all logs go.
     */
    private static void configureJavacpp() {
        setIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
        setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setIfAbsent("org.bytedeco.javacpp.logger", "slf4j");
    }

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
