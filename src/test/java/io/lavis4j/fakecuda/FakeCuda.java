package io.lavis4j.fakecuda;

import io.lavis4j.tensor.Libtorch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** The fake CUDA runtime that this process is linked with, {@code native/fakecuda/src/jni.c}. */
public final class FakeCuda {

    /** Bytes of a device where no setting says otherwise. */
    public static final long MEMORY = 24_000L << 20;

    static {
        Libtorch.load();
        System.load(directory().resolve("libcudart.so.13").toString()); // loaded already: binds the native methods
    }

    private FakeCuda() {}

    /** Where the stand-ins of CUDA's libraries lie. */
    static Path directory() {
        return Path.of(System.getProperty("fake.cuda.dir", "")).toAbsolutePath();
    }

    /** Events of {@code work}. */
    public static Trace trace(Runnable work) {
        String[] events;
        startTrace();
        try {
            work.run();
        } finally {
            events = stopTrace();
        }
        return new Trace(Arrays.stream(events).map(Event::read).toList());
    }

    /** Uses of the runtime that would be errors or races on a GPU, since the last call. */
    public static List<String> violations() {
        return List.of(takeViolations());
    }

    /** Blocks of device 0 that libtorch's allocator has given out. */
    public static long blocks() {
        try (var scope = new PointerScope()) {
            return torch.getDeviceStats((byte) 0).allocation().current();
        }
    }

    private static native void startTrace();

    private static native String[] stopTrace();

    private static native String[] takeViolations();

    /** Makes a device have {@code bytes} of memory, less than what is in use too. */
    public static native void limitMemory(int device, long bytes);

    /** Bytes that libtorch has taken from a device. */
    public static native long usedMemory(int device);
}
