package io.lavis4j.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/** Chooses the device of a run. */
public final class Devices {

    static {
        Libtorch.load();
    }

    private static final Device CPU = new Device("cpu").retainReference();

    private Devices() {}

    /** The CPU. */
    public static Device cpu() {
        return CPU;
    }

    /**
     * The device called {@code name}: cpu, cuda, cuda:N, or auto, which is CUDA where there is a GPU.
     *
     * @throws IllegalArgumentException if the name is none of these, or CUDA is asked for and not there
     */
    public static Device of(String name) {
        if (name.equals("auto")) {
            return of(torch.cuda_is_available() ? "cuda" : "cpu");
        }
        if (name.equals("cpu")) {
            return cpu();
        }
        if (!name.matches("cuda(:\\d+)?")) {
            throw new IllegalArgumentException(
                    "unknown device \"%s\", expected cpu, cuda, cuda:N or auto".formatted(name));
        }
        if (!torch.cuda_is_available()) {
            throw new IllegalArgumentException(
                    "device \"%s\" was asked for, but libtorch sees no CUDA GPU: set run.device=cpu, or use the CUDA build"
                                    .formatted(name)
                            + " of lavis4j (profile cuda) on a machine with a GPU");
        }
        return new Device(name.contains(":") ? name : "cuda:0").retainReference();
    }
}
