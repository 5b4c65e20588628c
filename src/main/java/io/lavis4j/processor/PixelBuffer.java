package io.lavis4j.processor;

import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Memory that an image's numbers are written to, from its position on.
 *
 * @param memory a {@link FloatBuffer} for fp32, else a {@link ShortBuffer}
 * @param precision what the numbers are; those of 16 bits are the fp32 ones rounded as libtorch does, ties to even
 */
public record PixelBuffer(Buffer memory, Precision precision) {

    public PixelBuffer {
        if (precision == Precision.FP32 ? !(memory instanceof FloatBuffer) : !(memory instanceof ShortBuffer)) {
            throw new IllegalArgumentException("expected a %s for %s, got a %s"
                    .formatted(
                            precision == Precision.FP32 ? "FloatBuffer" : "ShortBuffer",
                            precision,
                            memory.getClass().getSimpleName()));
        }
    }

    /** Single precision. */
    public static PixelBuffer of(FloatBuffer memory) {
        return new PixelBuffer(memory, Precision.FP32);
    }

    /**
     * The places of a batch's images, which other threads may fill as long as the tensor lives.
     *
     * @param batch (B, 3, S, S), fp32, fp16 or bf16, contiguous, on the CPU
     * @return B, each with room for (3, S, S)
     */
    public static List<PixelBuffer> places(Tensor batch) {
        if (!batch.is_cpu() || !batch.is_contiguous() || batch.dim() != 4 || batch.size(1) != 3) {
            throw new IllegalArgumentException("expected a contiguous batch (B, 3, S, S) on the CPU, got %s on %s"
                    .formatted(Tensors.shape(batch), batch.device().str().getString()));
        }
        var precision = precision(batch);
        long count = batch.size(0);
        long length = count == 0 ? 0 : batch.numel() / count;
        var memory = batch.data_ptr();
        var places = new ArrayList<PixelBuffer>();
        for (long i = 0; i < count; i++) {
            var pointer = precision == Precision.FP32 ? new FloatPointer(memory) : new ShortPointer(memory);
            places.add(new PixelBuffer(
                    pointer.limit((i + 1) * length).position(i * length).asBuffer(), precision));
        }
        return places;
    }

    private static Precision precision(Tensor batch) {
        var dtype = Tensors.dtype(batch);
        for (Precision precision : Precision.values()) {
            if (precision.dtype().equals(dtype)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("expected a batch of fp32, fp16 or bf16, got " + dtype);
    }

    /** New memory that native code can write to. */
    static PixelBuffer direct(int length, Precision precision) {
        int size = precision == Precision.FP32 ? Float.BYTES : Short.BYTES;
        var bytes = ByteBuffer.allocateDirect(size * length).order(ByteOrder.nativeOrder());
        return new PixelBuffer(precision == Precision.FP32 ? bytes.asFloatBuffer() : bytes.asShortBuffer(), precision);
    }

    /** The same memory with a position of its own. */
    public PixelBuffer duplicate() {
        return new PixelBuffer(memory.duplicate(), precision);
    }

    /** Writes numbers, rounded where they must be. */
    public void put(float[] numbers) {
        if (memory instanceof FloatBuffer floats) {
            floats.put(numbers);
        } else if (memory instanceof ShortBuffer shorts) {
            shorts.put(rounded(numbers, precision));
        }
    }

    /** Writes what is left in memory of the same precision. */
    void put(Buffer numbers) {
        if (memory instanceof FloatBuffer to && numbers instanceof FloatBuffer from) {
            to.put(from);
        } else if (memory instanceof ShortBuffer to && numbers instanceof ShortBuffer from) {
            to.put(from);
        }
    }

    /** Numbers of 16 bits. */
    static short[] rounded(float[] numbers, Precision precision) {
        short[] rounded = new short[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            rounded[i] = precision == Precision.FP16 ? Float16.half(numbers[i]) : Float16.bfloat(numbers[i]);
        }
        return rounded;
    }

    /** Whether native code can write here. */
    boolean isNative() {
        return memory.isDirect()
                && ByteOrder.nativeOrder()
                        .equals(memory instanceof FloatBuffer floats ? floats.order() : ((ShortBuffer) memory).order());
    }

    /** @throws IllegalArgumentException if there is no room for (3, S, S) */
    void requireRoom(int imageSize) {
        int needed = 3 * imageSize * imageSize;
        if (memory.remaining() < needed) {
            throw new IllegalArgumentException("expected room for %d numbers (3 x %d x %d), got %d"
                    .formatted(needed, imageSize, imageSize, memory.remaining()));
        }
    }
}
