package io.lavis4j.tensorboard;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A record of a TFRecord file: length, its checksum, the bytes, their checksum; all little-endian. */
final class Frame {

    private static final int MASK_DELTA = 0xa282ead8;

    private Frame() {}

    /** The whole record, ready to be written. */
    static ByteBuffer of(byte[] data) {
        var frame = Message.littleEndian(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES);
        frame.putLong(data.length);
        frame.putInt(maskedChecksum(frame.array(), 0, Long.BYTES));
        frame.put(data);
        frame.putInt(maskedChecksum(data, 0, data.length));
        return frame.flip();
    }

    /** CRC-32C, masked so that the checksum of bytes which hold a checksum is as good as any other. */
    static int maskedChecksum(byte[] bytes, int start, int length) {
        var checksum = new CRC32C();
        checksum.update(bytes, start, length);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }
}
