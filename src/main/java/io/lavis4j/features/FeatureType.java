package io.lavis4j.features;

import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The numbers in which features are kept; the names in lower case are the values of {@code cache_vision_dtype}. */
public enum FeatureType {
    FP32(Precision.FP32),
    FP16(Precision.FP16),
    BF16(Precision.BF16),

    /** Whole numbers of 8 bits, and for each token the fp32 step between them: its largest number is 127 steps. */
    INT8(null);

    private static final double LARGEST = 127;

    private final @Nullable Precision precision;

    FeatureType(@Nullable Precision precision) {
        this.precision = precision;
    }

    /** The type that loses nothing of another. */
    static FeatureType of(ScalarType dtype) {
        for (var type : values()) {
            if (type.precision != null && type.precision.dtype() == dtype) {
                return type;
            }
        }
        throw new IllegalArgumentException("expected features in fp32, fp16 or bf16, got " + dtype);
    }

    /** Bytes of a token of D numbers. */
    int bytes(int D) {
        return precision == null ? D + Float.BYTES : D * (precision == Precision.FP32 ? Float.BYTES : Short.BYTES);
    }

    /**
     * Packs tokens.
     *
     * @param x (B, N, D)
     * @return (B, N, bytes), uint8
     */
    Tensor pack(Tensor x) {
        if (precision != null) {
            return x.to(precision.dtype()).contiguous().view(ScalarType.Byte);
        }
        var numbers = x.to(ScalarType.Float);
        var step = numbers.abs().amax(new long[] {-1}, true).div(Tensors.scalar(LARGEST)); // (B, N, 1)
        var whole =
                numbers.div(step.clamp_min(Tensors.scalar(Float.MIN_NORMAL))).round();
        return Tensors.cat(-1, whole.to(ScalarType.Char).view(ScalarType.Byte), step.view(ScalarType.Byte));
    }

    /**
     * Unpacks tokens.
     *
     * @param packed (B, N, bytes), uint8, contiguous
     * @param dtype of the result
     * @return (B, N, D)
     */
    Tensor unpack(Tensor packed, ScalarType dtype) {
        if (precision != null) {
            return packed.view(precision.dtype()).to(dtype);
        }
        long D = packed.size(2) - Float.BYTES;
        var whole = packed.narrow(2, 0, D).contiguous().view(ScalarType.Char);
        var step = packed.narrow(2, D, Float.BYTES).contiguous().view(ScalarType.Float); // (B, N, 1)
        return whole.to(ScalarType.Float).mul(step).to(dtype);
    }
}
