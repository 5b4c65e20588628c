package io.lavis4j.tokenize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A cursor over the fields of one message in protobuf's wire format (protobuf.dev/programming-guides/encoding).
 *
 * <p>Lengths are checked against the bytes that are left before anything is made of them, so a damaged file ends in an
 * {@link IllegalArgumentException} that names the file and the byte.
 */
final class WireReader {

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final Path file;
    private final ByteBuffer message;
    private int start;
    private int field;
    private int type;
    private long value;
    private int length;

    /** @param content of {@code file} */
    WireReader(Path file, byte[] content) {
        this(file, ByteBuffer.wrap(content));
    }

    private WireReader(Path file, ByteBuffer message) {
        this.file = file;
        this.message = message.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes on to the next field; false after the last. */
    boolean next() {
        message.position(message.position() + length);
        length = 0;
        start = message.position();
        if (!message.hasRemaining()) {
            return false;
        }
        long tag = varint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw damaged("expected the number of a field, got " + Long.toUnsignedString(tag >>> 3));
        }
        field = (int) (tag >>> 3);
        type = (int) (tag & 7);
        switch (type) {
            case VARINT -> value = varint();
            case FIXED_64 -> value = room(Long.BYTES).getLong();
            case FIXED_32 -> value = room(Integer.BYTES).getInt();
            case BYTES -> {
                long declared = varint();
                room(declared);
                length = (int) declared;
            }
            default -> throw damaged("expected a field of wire type 0, 1, 2 or 5, got " + type);
        }
        return true;
    }

    /** The number of the field. */
    int field() {
        return field;
    }

    int number() {
        expect(VARINT);
        return (int) value;
    }

    boolean flag() {
        expect(VARINT);
        return value != 0;
    }

    float single() {
        expect(FIXED_32);
        return Float.intBitsToFloat((int) value);
    }

    byte[] bytes() {
        var bytes = new byte[content().remaining()];
        content().get(bytes);
        return bytes;
    }

    String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(content()).toString();
        } catch (CharacterCodingException e) {
            throw damaged("expected UTF-8 text, got other bytes");
        }
    }

    WireReader message() {
        return new WireReader(file, content());
    }

    private ByteBuffer content() {
        expect(BYTES);
        return message.duplicate().limit(message.position() + length);
    }

    private void expect(int wireType) {
        if (type != wireType) {
            throw damaged("expected field %d of wire type %d, got type %d".formatted(field, wireType, type));
        }
    }

    private ByteBuffer room(long bytes) {
        if (Long.compareUnsigned(bytes, message.remaining()) > 0) {
            throw damaged("expected %s bytes in field %d, got %d before the end"
                    .formatted(Long.toUnsignedString(bytes), field, message.remaining()));
        }
        return message;
    }

    private long varint() {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = room(1).get();
            number |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return number;
            }
        }
        throw damaged("expected a number of at most 10 bytes, got more");
    }

    private IllegalArgumentException damaged(String what) {
        return new IllegalArgumentException(
                "%s is damaged or not a SentencePiece model: at byte %d %s; copy it from the checkpoint again"
                        .formatted(file, start, what));
    }
}
