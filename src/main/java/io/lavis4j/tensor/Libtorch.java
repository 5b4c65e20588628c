package io.lavis4j.tensor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads libtorch so that it computes well on CPU; to be called before the first use of a class of
 * {@code org.bytedeco.pytorch}.
 *
 * <p>The libtorch of the jars comes with OpenBLAS, whose threads know nothing of libtorch's: inside a parallel region
 * (attention, batched products) each of libtorch's threads starts a team of OpenBLAS's, and {@code set_num_threads}
 * does not reach it. A small library of ours, loaded before the first product, computes products with libtorch's own
 * threads. The libtorch of PyPI has MKL inside, which does that by itself.
 */
public final class Libtorch {
    private static final Logger LOG = LoggerFactory.getLogger(Libtorch.class);
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final Pattern MKL_VERSION = Pattern.compile("Version (\\d+(\\.\\d+)*)");

    private Libtorch() {}

    /** The library that computes matrix products on CPU. */
    private enum Blas {
        MKL("libtorch's threads"),
        OPENBLAS_WITH_SHIM("lavis4j threading shim"),
        OPENBLAS("its own threads beside libtorch's");

        private final String threading;

        Blas(String threading) {
            this.threading = threading;
        }

        private String threading() {
            String instructions = this == OPENBLAS_WITH_SHIM ? BlasShim.instructions() : "";
            return instructions.isEmpty() ? threading : threading + " with products by " + instructions;
        }

        /**
         * Loads everything. The linker binds libtorch to its products at the first of them, so the shim may follow it.
         */
        private static Blas now() {
            configureJavacpp();
            boolean kept = keepMemory();
            loadTorch();
            if (kept) {
                packMemory();
            }
            if (torch.hasMKL()) {
                return MKL;
            }
            String reason = "libtorch was in use before Libtorch.load(), or LD_BIND_NOW is set";
            try {
                BlasShim.install();
                if (shimReceivesProducts()) {
                    return OPENBLAS_WITH_SHIM;
                }
                BlasShim.uninstall();
            } catch (UnsatisfiedLinkError e) {
                reason = e.toString();
            }
            warn(reason);
            return OPENBLAS;
        }

        private static boolean keepMemory() {
            try {
                boolean kept = KeptMemory.install();
                LOG.debug("Memory of freed tensors is {}", kept ? "kept" : "kept as the environment says");
                return kept;
            } catch (UnsatisfiedLinkError e) {
                LOG.warn("Every tensor's memory comes new from the kernel, which is slower on CPU: {}", e.getMessage());
                return false;
            }
        }

        private static void packMemory() {
            try {
                KeptMemory.pack();
            } catch (IllegalStateException e) {
                LOG.warn("Tensors on CPU take up to a tenth more memory: {}", e.getMessage());
            }
        }

        private static void loadTorch() {
            try {
                LibtorchParts.load();
            } catch (UnsatisfiedLinkError e) {
                Throwable reason = e.getCause() == null ? e : e.getCause();
                throw new IllegalStateException(
                        "libtorch cannot be loaded: %s. %s"
                                .formatted(LinkerMessage.explained(String.valueOf(reason.getMessage())), whatToDo()),
                        e);
            }
        }

        private static String whatToDo() {
            if (Boolean.getBoolean(LibtorchParts.PATHS_FIRST)) {
                return ("It was looked for in java.library.path (%s) first: a libtorch there must have the version of the"
                                + " bindings, and the libraries that came with it.")
                        .formatted(System.getProperty("java.library.path"));
            }
            return "The CUDA build (profile cuda) needs CUDA and cuDNN on the library path, or as jars (profile cuda-redist);"
                    + " the default build needs neither.";
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

        private String library() {
            if (this != MKL) {
                return openblas_nolapack.OPENBLAS_VERSION.strip();
            }
            String mkl = torch.get_mkl_version().getString();
            var version = MKL_VERSION.matcher(mkl);
            return version.find() ? "MKL " + version.group(1) : mkl;
        }
    }

    /**
     * Loaded by the first who asks, once: class initialisation is the lock. A failure is told to everybody who asks.
     */
    private static final class Once {
        private static final Supplier<Blas> BLAS = loaded();

        private static Supplier<Blas> loaded() {
            try {
                var blas = Blas.now();
                return () -> blas;
            } catch (IllegalStateException e) {
                return () -> {
                    throw new IllegalStateException(e.getMessage(), e);
                };
            } catch (LinkageError e) {
                return () -> {
                    throw e;
                };
            }
        }

        private static Blas blas() {
            return BLAS.get();
        }
    }

    /**
     * Loads libtorch and what it needs; further calls return at once.
     *
     * <p>Where the threading library cannot take its place, a warning says why, and libtorch works without it.
     *
     * @throws IllegalStateException if libtorch cannot be loaded; says why, and what to do
     */
    public static void load() {
        BEGUN.set(true);
        Once.blas();
    }

    /** Whether libtorch is there; waits for the end of loading if that has begun. */
    static boolean isLoaded() {
        if (!BEGUN.get()) {
            return false;
        }
        try {
            load();
            return true;
        } catch (IllegalStateException | LinkageError e) {
            return false;
        }
    }

    /** Whether products of float32 and float64 on a CPU arrive at {@link BlasShim}. */
    static boolean hasShim() {
        return Once.blas() == Blas.OPENBLAS_WITH_SHIM;
    }

    /** One line on what computes matrix products on CPU and with how many threads, for logs. */
    public static String blas() {
        load();
        var blas = Once.blas();
        int threads = threads();
        return "%s, %s, %d thread%s".formatted(blas.library(), blas.threading(), threads, threads == 1 ? "" : "s");
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
