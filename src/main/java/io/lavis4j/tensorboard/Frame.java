package io.lavis4j.tensorboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** A record of a TFRecord file: length, its checksum, the bytes, their checksum; all little-endian. */
final class Frame {

    private static final int MASK_DELTA = 0xa282ead8;

    private Frame() {}

    /** The whole record, ready to be written. */
    static ByteBuffer of(byte[] data) {
        var frame = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(data.length);
        frame.putInt(maskedChecksum(frame.slice(0, Long.BYTES)));
        frame.put(data);
        frame.putInt(maskedChecksum(ByteBuffer.wrap(data)));
        return frame.flip();
    }

    /** CRC-32C, masked so that the checksum of bytes which hold a checksum is as good as any other. */
    private static int maskedChecksum(ByteBuffer bytes) {
        var checksum = new CRC32C();
        checksum.update(bytes);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }
}
