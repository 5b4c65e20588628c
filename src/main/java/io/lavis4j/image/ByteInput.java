package io.lavis4j.image;

import javax.imageio.stream.ImageInputStreamImpl;

/** A file in memory for ImageIO, which notices when a decoder wants more than there is. */
final class ByteInput extends ImageInputStreamImpl {

    private final byte[] file;
    private boolean exhausted;

    ByteInput(byte[] file) {
        this.file = file;
    }

    /** Whether the decoder asked for bytes after the end: the file is cut off. */
    boolean exhausted() {
        return exhausted;
    }

    @Override
    public int read() {
        bitOffset = 0;
        if (streamPos >= file.length) {
            exhausted = true;
            return -1;
        }
        return file[(int) streamPos++] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        bitOffset = 0;
        int count = (int) Math.min(length, file.length - streamPos);
        if (count <= 0) {
            exhausted |= length > 0;
            return length > 0 ? -1 : 0;
        }
        System.arraycopy(file, (int) streamPos, to, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return file.length;
    }
}
