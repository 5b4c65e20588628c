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

    static long[] toArray(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
