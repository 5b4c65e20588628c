package io.lavis4j.checkpoint;

import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A dtype under the names that libtorch, safetensors and PyTorch's pickles give it. Complex numbers, which would lose
 * half of themselves in a model's parameters, and what is smaller than a byte are not among them.
 */
enum ElementType {
    F64(ScalarType.Double, 8, "float64", "DoubleStorage"),
    F32(ScalarType.Float, 4, "float32", "FloatStorage"),
    F16(ScalarType.Half, 2, "float16", "HalfStorage"),
    BF16(ScalarType.BFloat16, 2, "bfloat16", "BFloat16Storage"),
    F8_E4M3(ScalarType.Float8_e4m3fn, 1, "float8_e4m3fn", null),
    F8_E4M3FNUZ(ScalarType.Float8_e4m3fnuz, 1, "float8_e4m3fnuz", null),
    F8_E5M2(ScalarType.Float8_e5m2, 1, "float8_e5m2", null),
    F8_E5M2FNUZ(ScalarType.Float8_e5m2fnuz, 1, "float8_e5m2fnuz", null),
    F8_E8M0(ScalarType.Float8_e8m0fnu, 1, "float8_e8m0fnu", null),
    I64(ScalarType.Long, 8, "int64", "LongStorage"),
    I32(ScalarType.Int, 4, "int32", "IntStorage"),
    I16(ScalarType.Short, 2, "int16", "ShortStorage"),
    I8(ScalarType.Char, 1, "int8", "CharStorage"),
    U64(ScalarType.UInt64, 8, "uint64", null),
    U32(ScalarType.UInt32, 4, "uint32", null),
    U16(ScalarType.UInt16, 2, "uint16", null),
    U8(ScalarType.Byte, 1, "uint8", "ByteStorage"),
    BOOL(ScalarType.Bool, 1, "bool", "BoolStorage");

    /** The dtype in libtorch. */
    final ScalarType scalarType;

    /** Size of an element, bytes. */
    final int bytes;

    /** The dtype's name in Python, without {@code torch.}; {@link #name()} is the one in safetensors. */
    final String python;

    /** Name of the typed storage class in pickles; newer dtypes have none. */
    final @Nullable String storage;

    ElementType(ScalarType scalarType, int bytes, String python, @Nullable String storage) {
        this.scalarType = scalarType;
        this.bytes = bytes;
        this.python = python;
        this.storage = storage;
    }

    boolean isFloatingPoint() {
        return name().startsWith("F") || this == BF16;
    }

    /** Whether libtorch can negate it; its 8-bit floats cannot be computed with. */
    boolean isSigned() {
        return !name().startsWith("F8") && !name().startsWith("U") && this != BOOL;
    }

    static @Nullable ElementType ofSafetensors(String name) {
        for (var type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }

    static @Nullable ElementType ofPython(String name) {
        for (var type : values()) {
            if (type.python.equals(name)) {
                return type;
            }
        }
        return null;
    }

    static @Nullable ElementType ofStorage(String name) {
        for (var type : values()) {
            if (name.equals(type.storage)) {
                return type;
            }
        }
        return null;
    }

    /** @throws IllegalArgumentException for a dtype that no checkpoint format here carries */
    static ElementType of(ScalarType scalarType) {
        for (var type : values()) {
            if (type.scalarType == scalarType.intern()) {
                return type;
            }
        }
        throw new IllegalArgumentException("tensors of dtype " + scalarType + " cannot be stored in a checkpoint");
    }
}
