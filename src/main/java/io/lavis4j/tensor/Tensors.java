package io.lavis4j.tensor;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Tensors from Java arrays and Java arrays from tensors, and the optional arguments of libtorch's functions. */
public final class Tensors {

    static {
        Libtorch.load();
    }

    private static final ScalarType[] DTYPES = ScalarType.values();
    private static final double MIN_NORM = 1e-12;

    private Tensors() {}

    /** The element type as the enum constant; the binding's {@code scalar_type()} is another object at each call. */
    public static ScalarType dtype(Tensor tensor) {
        byte value = tensor.scalar_type().value;
        return DTYPES[value].value == value
                ? DTYPES[value]
                : tensor.scalar_type().intern();
    }

    /** The tensor itself if it has the element type already, of which libtorch would make another object. */
    public static Tensor to(Tensor tensor, ScalarType dtype) {
        return dtype(tensor) == dtype ? tensor : tensor.to(dtype);
    }

    /** The optional argument that libtorch expects; {@code null} is its {@code None}. */
    public static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    /** A whole number as an argument; integer tensors stay integers with it. */
    public static Scalar scalar(long value) {
        return new Scalar(value);
    }

    /** A number as an argument. */
    public static Scalar scalar(double value) {
        return new Scalar(value);
    }

    /** Options of a new tensor. */
    public static TensorOptions options(Device device, ScalarType dtype) {
        return new TensorOptions(dtype).device(new DeviceOptional(device));
    }

    /**
     * Integers as a tensor, as {@link Upload}.
     *
     * @param rows equally long rows
     * @return (rows, columns), int64, on {@code device}
     */
    public static Tensor of(long[][] rows, Device device) {
        return Scopes.keep(() -> new Upload().add(rows).to(device).get(0));
    }

    /** Integers as a tensor (values.length), int64, on {@code device}, as {@link Upload}. */
    public static Tensor of(long[] values, Device device) {
        return Upload.copy(
                device,
                ScalarType.Long,
                values.length,
                host -> host.data_ptr_long().put(values));
    }

    /** Numbers as a tensor (values.length), float32, on {@code device}, as {@link Upload}. */
    public static Tensor of(float[] values, Device device) {
        return Upload.copy(
                device,
                ScalarType.Float,
                values.length,
                host -> host.data_ptr_float().put(values));
    }

    /** The integers from {@code from} to before {@code to}, int64, on {@code device}. */
    public static Tensor range(long from, long to, Device device) {
        return torch.arange(scalar(from), scalar(to), options(device, ScalarType.Long));
    }

    /** All values of a floating-point tensor in row-major order. */
    public static float[] floats(Tensor tensor) {
        try (var scope = new PointerScope()) {
            var host = tensor.detach().to(Devices.cpu(), ScalarType.Float).contiguous();
            float[] values = new float[Math.toIntExact(host.numel())];
            if (values.length > 0) {
                host.data_ptr_float().get(values);
            }
            return values;
        }
    }

    /** As {@link #floats}, in double precision. */
    public static double[] doubles(Tensor tensor) {
        try (var scope = new PointerScope()) {
            var host = tensor.detach().to(Devices.cpu(), ScalarType.Double).contiguous();
            double[] values = new double[Math.toIntExact(host.numel())];
            if (values.length > 0) {
                host.data_ptr_double().get(values);
            }
            return values;
        }
    }

    /** All values of an integer tensor in row-major order. */
    public static long[] longs(Tensor tensor) {
        try (var scope = new PointerScope()) {
            var host = tensor.detach().to(Devices.cpu(), ScalarType.Long).contiguous();
            long[] values = new long[Math.toIntExact(host.numel())];
            if (values.length > 0) {
                host.data_ptr_long().get(values);
            }
            return values;
        }
    }

    /** The rows of an integer tensor (rows, columns). */
    public static long[][] rows(Tensor tensor) {
        int columns = Math.toIntExact(tensor.size(1));
        long[] flat = longs(tensor);
        long[][] rows = new long[Math.toIntExact(tensor.size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** Every row that many times, copies adjacent. */
    public static Tensor repeatRows(Tensor tensor, long times) {
        return tensor.repeat_interleave(times, new LongOptional(0), new LongOptional());
    }

    /** The mean over one dimension, which goes. */
    public static Tensor mean(Tensor tensor, long dim) {
        return tensor.mean(new long[] {dim}, false, new ScalarTypeOptional());
    }

    /** The sum over one dimension, which goes or stays with size 1. */
    public static Tensor sum(Tensor tensor, long dim, boolean keep) {
        return tensor.sum(new long[] {dim}, keep, new ScalarTypeOptional());
    }

    /**
     * Vectors of length 1 in the direction of those along the last dimension; one of length 0 stays.
     *
     * @param x (..., D)
     * @return (..., D)
     */
    public static Tensor unit(Tensor x) {
        var norm = x.norm(new ScalarOptional(scalar(2)), new long[] {-1}, true); // (..., 1)
        return x.div(norm.clamp_min(scalar(MIN_NORM)));
    }

    /** Concatenates along {@code dim}. */
    public static Tensor cat(long dim, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dim);
    }

    /** The shape for messages: {@code (4, 3, 224, 224)}. */
    public static String shape(Tensor tensor) {
        return shape(tensor.shape());
    }

    /** The shape for messages: {@code (4, 3, 224, 224)}. */
    public static String shape(long... sizes) {
        String list = Arrays.toString(sizes);
        return "(" + list.substring(1, list.length() - 1) + ")";
    }
}
