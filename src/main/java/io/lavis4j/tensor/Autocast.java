package io.lavis4j.tensor;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's mixed precision for the operations between construction and {@link #close()}. Belongs to the thread that
 * opened it.
 *
 * <p>On a CPU a run alone decides, {@link #ofRun}; what models open does nothing there, as LAVIS's
 * {@code maybe_autocast}.
 */
public final class Autocast implements AutoCloseable {

    static {
        Libtorch.load();
    }

    private final boolean active;
    private final DeviceType type;
    private final boolean wasEnabled;
    private final ScalarType wasDtype;

    /** On a GPU operations compute in {@code precision}: fp16 and bf16 by autocast, fp32 strictly, without one. */
    public Autocast(Device device, Precision precision) {
        this(device, device.is_cuda(), precision);
    }

    private Autocast(Device device, boolean active, Precision precision) {
        this(device, active, precision != Precision.FP32, precision.dtype());
    }

    /** Switches autocast of a device on or off where {@code active}. */
    private Autocast(Device device, boolean active, boolean enabled, ScalarType dtype) {
        this.active = active;
        type = type(device.is_cuda());
        wasEnabled = active && torch.is_autocast_enabled(type);
        wasDtype = active ? torch.get_autocast_dtype(type) : dtype;
        if (active) {
            set(enabled, dtype);
        }
    }

    /** A run's training, on a CPU too: in {@code precision}, whatever precision the model opens inside. */
    public static Autocast ofRun(Device device, Precision precision) {
        return new Autocast(device, true, precision);
    }

    /** A model's computation on a GPU: in {@code precision}, unless what is around it has said another. */
    public static Autocast ofModel(Device device, Precision precision) {
        return new Autocast(device, device.is_cuda() && !torch.is_autocast_enabled(DeviceType.CUDA), precision);
    }

    /** The same of a part that may be stored in 16 bits, in which it then computes, whatever is around it. */
    public static Autocast ofPart(Device device, Precision stored, Precision precision) {
        return stored == Precision.FP32 ? ofModel(device, precision) : new Autocast(device, stored);
    }

    /** As it was when {@code state} was taken. */
    static Autocast again(Device device, State state) {
        return new Autocast(device, true, state.enabled(), state.dtype());
    }

    /** Whether operations of a device are autocast, and to what. */
    record State(boolean enabled, ScalarType dtype) {

        static State of(Device device) {
            var type = type(device.is_cuda());
            return new State(torch.is_autocast_enabled(type), torch.get_autocast_dtype(type));
        }
    }

    private static DeviceType type(boolean cuda) {
        return cuda ? DeviceType.CUDA : DeviceType.CPU;
    }

    /** Whether operations of this thread on {@code x} are autocast. */
    static boolean isEnabled(Tensor x) {
        return torch.is_autocast_enabled(type(x.is_cuda()));
    }

    /** {@code x} in the dtype of {@code like}, unless autocast will convert both. */
    public static Tensor match(Tensor x, Tensor like) {
        return Tensors.dtype(x) == Tensors.dtype(like) || isEnabled(like) ? x : x.to(Tensors.dtype(like));
    }

    /**
     * The dtype in which a layer computes with this weight or attention with this query: its own, unless autocast
     * decides.
     */
    public static ScalarType dtype(Tensor x) {
        return dtype(x, Tensors.dtype(x));
    }

    /** The same of a layer that computes in {@code own} whatever its weight is stored in. */
    public static ScalarType dtype(Tensor weight, ScalarType own) {
        return isEnabled(weight)
                ? torch.get_autocast_dtype(type(weight.is_cuda())).intern()
                : own;
    }

    private void set(boolean enabled, ScalarType dtype) {
        torch.set_autocast_enabled(type, enabled);
        torch.set_autocast_dtype(type, dtype);
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
