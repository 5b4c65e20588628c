package io.lavis4j.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the device of a run. */
public final class Devices {

    static {
        Libtorch.load();
    }

    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final Device CPU = new Device("cpu").retainReference();

    private Devices() {}

    /** The CPU. */
    public static Device cpu() {
        return CPU;
    }

    /**
     * The device called {@code name}: cpu, cuda, cuda:N, or auto, which is CUDA where there is a GPU that can be used;
     * of one that cannot a warning says why.
     *
     * @throws IllegalArgumentException if the name is none of these, or CUDA is asked for and cannot be used; the
     *     message says why
     */
    public static Device of(String name) {
        return of(name, Cuda::found);
    }

    static Device of(String name, Supplier<Cuda> found) {
        if (name.equals("cpu")) {
            return cpu();
        }
        if (!name.equals("auto") && !name.matches("cuda(:\\d{1,3})?")) {
            throw new IllegalArgumentException(
                    "unknown device \"%s\", expected cpu, cuda, cuda:N or auto".formatted(name));
        }
        int index = name.startsWith("cuda:") ? Integer.parseInt(name.substring("cuda:".length())) : 0;
        var cuda = found.get();
        var problem = cuda.problem(index);
        if (problem == null) {
            return new Device("cuda:" + index).retainReference();
        }
        if (!name.equals("auto")) {
            throw new IllegalArgumentException("device \"%s\" cannot be used: %s".formatted(name, problem));
        }
        if (cuda.libtorch().hasCuda()) {
            LOG.warn("auto takes the CPU, as CUDA cannot be used: {}", problem);
        }
        return cpu();
    }
}
