package io.lavis4j.image;

import java.io.EOFException;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A file in memory as unsigned numbers; what lies after its end is missing, which is said. */
record FileBytes(byte[] content, ByteOrder order) {

    static FileBytes littleEndian(byte[] content) {
        return new FileBytes(content, ByteOrder.LITTLE_ENDIAN);
    }

    int length() {
        return content.length;
    }

    int uint8(long at) throws EOFException {
        requireRange(at, 1);
        return content[(int) at] & 0xff;
    }

    int uint16(long at) throws EOFException {
        return (int) number(at, 2);
    }

    long uint32(long at) throws EOFException {
        return number(at, 4);
    }

    /** A number of up to 8 bytes; one of 8 is signed. */
    long number(long at, int size) throws EOFException {
        requireRange(at, size);
        long number = 0;
        for (int i = 0; i < size; i++) {
            int from = (int) at + (order == ByteOrder.BIG_ENDIAN ? i : size - 1 - i);
            number = number << 8 | (content[from] & 0xff);
        }
        return number;
    }

    byte[] range(long at, long size) throws EOFException {
        requireRange(at, size);
        return Arrays.copyOfRange(content, (int) at, (int) (at + size));
    }

    /** @throws EOFException if the file ends before the range does */
    void requireRange(long at, long size) throws EOFException {
        if (at < 0 || size < 0 || at > content.length - size) {
            throw new EOFException("it is cut off after %d bytes".formatted(content.length));
        }
    }
}
