package io.lavis4j.tensor;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Storage type of a model part's matrices, by the names that LAVIS gives {@code vit_precision}, and what a GPU computes
 * in: fp16 and bf16 by {@link Autocast}, fp32 strictly.
 */
public enum Precision {
    FP32(ScalarType.Float),
    FP16(ScalarType.Half),
    BF16(ScalarType.BFloat16);

    private final ScalarType dtype;

    Precision(ScalarType dtype) {
        this.dtype = dtype;
    }

    /**
     * The precision called {@code name}: fp32, fp16 or bf16.
     *
     * @throws IllegalArgumentException for any other name; the reference silently takes such a name for fp32
     */
    public static Precision of(String name) {
        return Arrays.stream(values())
                .filter(p -> p.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unknown precision \"%s\", expected one of %s".formatted(name, Arrays.toString(values()))));
    }

    /** The libtorch type. */
    public ScalarType dtype() {
        return dtype;
    }

    /** This precision on {@code device}: on a CPU fp16 is stored as fp32, as LAVIS does on loading. */
    public Precision on(Device device) {
        return this == FP16 && device.is_cpu() ? FP32 : this;
    }

    /** This precision if it has 16 bits, else {@code other}. */
    public Precision halfOr(Precision other) {
        return this == FP32 ? other : this;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
