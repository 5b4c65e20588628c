package io.lavis4j.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's mixed precision for the CUDA operations between construction and {@link #close()}; nothing on a CPU, as
 * LAVIS's {@code maybe_autocast}. Belongs to the thread that opened it.
 */
public final class Autocast implements AutoCloseable {

    static {
        Libtorch.load();
    }

    private final boolean active;
    private final boolean wasEnabled;
    private final ScalarType wasDtype;

    /** On a GPU operations compute in {@code precision}: fp16 and bf16 by autocast, fp32 strictly, without one. */
    public Autocast(Device device, Precision precision) {
        this(device, precision != Precision.FP32, precision.dtype());
    }

    /** Switches autocast on or off if {@code device} is a GPU. */
    Autocast(Device device, boolean enabled, ScalarType dtype) {
        active = device.is_cuda();
        wasEnabled = active && isEnabled();
        wasDtype = active ? torch.get_autocast_dtype(DeviceType.CUDA) : ScalarType.Half;
        if (active) {
            set(enabled, dtype);
        }
    }

    /** Whether CUDA operations of this thread are autocast. */
    static boolean isEnabled() {
        return torch.is_autocast_enabled(DeviceType.CUDA);
    }

    /** {@code x} in the dtype of {@code like}, unless autocast will convert both. */
    public static Tensor match(Tensor x, Tensor like) {
        return Tensors.dtype(x) == Tensors.dtype(like) || isEnabled() ? x : x.to(Tensors.dtype(like));
    }

    /** The dtype of what comes out of a layer with this weight: the weight's, unless autocast decides. */
    public static ScalarType dtype(Tensor weight) {
        return isEnabled() ? torch.get_autocast_dtype(DeviceType.CUDA).intern() : Tensors.dtype(weight);
    }

    private static void set(boolean enabled, ScalarType dtype) {
        torch.set_autocast_enabled(DeviceType.CUDA, enabled);
        torch.set_autocast_dtype(DeviceType.CUDA, dtype);
    }

    @Override
    public void close() {
        if (active) {
            set(wasEnabled, wasDtype);
            if (!wasEnabled) {
                torch.clear_cache(); // casts of weights live as long as the outermost region
            }
        }
    }
}
