package io.lavis4j.checkpoint;

import java.util.List;

/** Sizes of tensors whose shapes come from a file and may be anything. */
final class Shapes {
    private Shapes() {}

    /** Bytes of a dense tensor, or -1 if they, or a product on the way, exceed 2^63 - 1. */
    static long bytes(List<Long> shape, ElementType type) {
        long bytes = type.bytes;
        boolean empty = shape.contains(0L);
        for (long size : shape) {
            if (empty) {
                continue;
            }
            if (bytes > Long.MAX_VALUE / size) {
                return -1;
            }
            bytes *= size;
        }
        return empty ? 0 : bytes;
    }

    /** Elements from the first to the last that a strided tensor touches; 0 if empty, 2^63 - 1 if that is exceeded. */
    static long extent(List<Long> shape, List<Long> strides) {
        if (shape.contains(0L)) {
            return 0;
        }
        long last = 0;
        for (int i = 0; i < shape.size(); i++) {
            long steps = shape.get(i) - 1;
            if (steps > 0 && strides.get(i) > (Long.MAX_VALUE - 1 - last) / steps) {
                return Long.MAX_VALUE;
            }
            last += steps * strides.get(i);
        }
        return last + 1;
    }

    static long[] toArray(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
