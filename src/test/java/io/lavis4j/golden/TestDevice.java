package io.lavis4j.golden;

import io.lavis4j.fakecuda.Numbers;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tf32;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assumptions;

/** The device that parity tests, checkpointing and training tests compute on: system property {@code test.device}. */
public final class TestDevice {

    static {
        Libtorch.load();
        Numbers.installIfAsked();
        Tf32.allow(false); // references are of strict float32
    }

    private TestDevice() {}

    private static String name() {
        return System.getProperty("test.device", "cpu");
    }

    /** Skips the running test, with the reason, if a GPU is asked for and there is none. */
    public static void assumeAvailable() {
        Assumptions.assumeTrue(
                name().equals("cpu") || torch.cuda_is_available(),
                () -> "test.device=" + name() + ", but libtorch sees no CUDA GPU");
    }

    /**
     * Skips the running test if it does not compute on a GPU.
     *
     * @param reason what a CPU lacks
     */
    public static void assumeGpu(String reason) {
        assumeAvailable();
        Assumptions.assumeTrue(device().is_cuda(), () -> "needs a GPU (-Dtest.device=cuda): " + reason);
    }

    /**
     * Skips the running test, which compares what was drawn with the reference, where the generator is not the CPU's.
     */
    public static void assumeDrawsOfTheReference() {
        assumeAvailable();
        Assumptions.assumeTrue(
                device().is_cpu(), "the reference drew on a CPU: from the same seed a GPU draws other numbers");
    }

    /** The device. */
    public static Device device() {
        return Devices.of(name());
    }
}
