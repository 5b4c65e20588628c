package io.lavis4j.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A protocol buffer message in the making: fields by number, in the wire format of protobuf's encoding guide. */
final class Message {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;
    private static final int GROUP_BITS = 7;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A {@code double}. */
    Message fixed64(int field, double value) {
        tag(field, FIXED64);
        return littleEndian(Double.doubleToLongBits(value), Double.BYTES);
    }

    /** A {@code float}. */
    Message fixed32(int field, float value) {
        tag(field, FIXED32);
        return littleEndian(Float.floatToIntBits(value), Float.BYTES);
    }

    /** An {@code int64} or a constant of an enum. */
    Message varint(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    /** A {@code string}. */
    Message text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A message within this one. */
    Message message(int field, Message value) {
        return bytes(field, value.bytes());
    }

    private Message bytes(int field, byte[] value) {
        tag(field, LENGTH_DELIMITED);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void tag(int field, int wireType) {
        varint(((long) field << 3) | wireType);
    }

    /** Groups of seven bits, the lowest first; the eighth bit says that another one follows. */
    private void varint(long value) {
        long left = value;
        while (left >>> GROUP_BITS != 0) {
            out.write((int) ((left & 0x7f) | 0x80));
            left >>>= GROUP_BITS;
        }
        out.write((int) left);
    }

    private Message littleEndian(long bits, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (bits >>> (i * Byte.SIZE)));
        }
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
