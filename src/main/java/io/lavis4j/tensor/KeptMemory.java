package io.lavis4j.tensor;

/**
 * The library {@code lavis4j_memory}, which makes the C library keep the memory of freed tensors for the next ones
 * ({@code native/README.md}).
 */
final class KeptMemory {

    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_memory.so";

    private KeptMemory() {}

    /**
     * Changes the C library's settings for this process, unless the environment has any; to be called before libtorch
     * is loaded.
     *
     * @return whether they are changed
     * @throws UnsatisfiedLinkError if there is no build of our library for this platform
     */
    static boolean install() {
        load();
        return keep() > 0;
    }

    /**
     * Has libtorch's CPU tensors of 256 KiB to 32 MiB lie side by side from now on, so that those that come and go
     * leave few gaps; to be called once, after {@link #install} and after libtorch is loaded.
     *
     * @throws IllegalStateException if the system gives no addresses, or libtorch does not take memory as expected;
     *     tensors then lie where glibc puts them
     */
    static void pack() {
        if (packTensors() < 0) {
            throw new IllegalStateException(
                    "expected as many addresses as the machine has memory, and a libc10.so that calls posix_memalign and free");
        }
    }

    /**
     * Brings the library into the process, which happens once.
     *
     * @throws UnsatisfiedLinkError if there is no build of it for this platform
     */
    static void load() {
        System.load(JarLibrary.extract(RESOURCE).getPath());
    }

    private static native int keep();

    private static native int packTensors();
}
