package io.lavis4j.golden;

import io.lavis4j.fakecuda.Numbers;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assumptions;

/** The device that parity tests, checkpointing and training tests compute on: system property {@code test.device}. */
public final class TestDevice {

    private TestDevice() {}

    private static String name() {
        return System.getProperty("test.device", "cpu");
    }

    /** Skips the running test, with the reason, if a GPU is asked for and there is none. */
    public static void assumeAvailable() {
        Libtorch.load();
        Numbers.installIfAsked();
        Assumptions.assumeTrue(
                name().equals("cpu") || torch.cuda_is_available(),
                () -> "test.device=" + name() + ", but libtorch sees no CUDA GPU");
    }

    /** The device. */
    public static Device device() {
        return Devices.of(name());
    }
}
