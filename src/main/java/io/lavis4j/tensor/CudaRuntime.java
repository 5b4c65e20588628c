package io.lavis4j.tensor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The library {@code lavis4j_cuda}, which asks the CUDA runtime below libtorch ({@code native/README.md}). */
final class CudaRuntime {

    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_cuda.so";
    private static final String LIBTORCH_CUDA = "libtorch_cuda.so";
    private static final int TEXT = 256;
    private static final int OK = 0;
    private static final int NOT_LOADED = 1;

    private CudaRuntime() {}

    /** Loaded by the first who asks, once. */
    private static final class Library {
        static {
            System.load(JarLibrary.extract(RESOURCE).getPath());
        }

        static void load() {}
    }

    /**
     * The runtime's answers; {@code null} if libtorch's CUDA library is not in this process.
     *
     * @throws UnsatisfiedLinkError if there is no build of our library for this platform
     */
    static Cuda.@Nullable Answers answers() {
        Library.load();
        var numbers = new long[4];
        var message = new byte[TEXT];
        int status = readState(LIBTORCH_CUDA, numbers, message);
        if (status == NOT_LOADED) {
            return null;
        }
        check("lavis4j_cuda_read", status);
        var gpus = new ArrayList<Cuda.Gpu>();
        for (int i = 0; i < numbers[3]; i++) {
            gpus.add(gpu(i));
        }
        return new Cuda.Answers((int) numbers[0], (int) numbers[1], (int) numbers[2], text(message), List.copyOf(gpus));
    }

    private static Cuda.Gpu gpu(int index) {
        var numbers = new long[3];
        var name = new byte[TEXT];
        check("lavis4j_cuda_read_device", readDevice(LIBTORCH_CUDA, index, numbers, name));
        return new Cuda.Gpu(index, text(name), numbers[0], (int) numbers[1], (int) numbers[2]);
    }

    private static String text(byte[] bytes) {
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static void check(String function, int status) {
        if (status != OK) {
            throw new IllegalStateException("expected status 0 of %s, got %d".formatted(function, status));
        }
    }

    private static native int readState(String library, long[] numbers, byte[] message);

    private static native int readDevice(String library, int index, long[] numbers, byte[] name);
}
