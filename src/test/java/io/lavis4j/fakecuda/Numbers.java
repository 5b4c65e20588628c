package io.lavis4j.fakecuda;

import io.lavis4j.tensor.Libtorch;
import java.nio.file.Path;

/**
 * Numbers for the fake CUDA runtime: kernels of the CPU in the place of CUDA's, from the library that
 * {@code native/fakecuda/numbers} builds. System property {@code fake.cuda.numbers} is its path.
 */
public final class Numbers {

    private Numbers() {}

    /** Loaded by the first who asks, once. */
    private static final class Once {
        private static final int KERNELS = load();

        private static int load() {
            String library = System.getProperty("fake.cuda.numbers", "");
            if (library.isEmpty()) {
                return 0;
            }
            Libtorch.load();
            System.load(Path.of(library).toAbsolutePath().toString());
            return install();
        }

        private static int kernels() {
            return KERNELS;
        }
    }

    /**
     * Replaces the kernels if the property is set; further calls return at once.
     *
     * @return how many were replaced; 0 without the property
     * @throws UnsatisfiedLinkError if the library is not there or was built for another libtorch, or the process runs
     *     on another CUDA runtime than the fake one
     */
    public static int installIfAsked() {
        return Once.kernels();
    }

    private static native int install();
}
