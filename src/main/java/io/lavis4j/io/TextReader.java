package io.lavis4j.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes as {@link TextFile} describes. */
final class TextReader extends Reader {

    private static final int BUFFER = 1 << 14;
    private static final char ESCAPED = 0xDC00;
    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

    private final InputStream in;
    private final boolean escapes;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).flip();
    private final CharBuffer chars = CharBuffer.allocate(BUFFER).flip();
    private @Nullable CharsetDecoder decoder;
    private long offset; // of the first byte in the buffer
    private boolean ended;

    /** @param escapes whether a byte that is not of the encoding is U+DC00 and the byte, and not an error */
    TextReader(InputStream in, boolean escapes) {
        this.in = in;
        this.escapes = escapes;
    }

    @Override
    public int read(char[] out, int from, int length) throws IOException {
        if (decoder == null) {
            decoder = start().newDecoder();
        }
        while (!chars.hasRemaining()) {
            boolean last = ended;
            decode(decoder);
            if (last && !chars.hasRemaining()) {
                return -1;
            }
        }
        int count = Math.min(length, chars.remaining());
        chars.get(out, from, count);
        return count;
    }

    private void decode(CharsetDecoder decoder) throws IOException {
        var result = decoder.decode(bytes, chars.clear(), ended);
        for (int i = 0; escapes && result.isError() && i < result.length() && chars.hasRemaining(); i++) {
            chars.put((char) (ESCAPED + (bytes.get() & 0xFF)));
        }
        chars.flip();
        if (result.isError() && !escapes) {
            throw new IOException("byte 0x%02X at offset %d is not %s; convert the text to UTF-8"
                    .formatted(bytes.get(bytes.position()), offset + bytes.position(), decoder.charset()));
        }
        if (result.isUnderflow() && !ended) {
            fill();
        }
    }

    /** The charset of the text, whose mark is passed over. */
    private Charset start() throws IOException {
        while (!ended && bytes.remaining() < 4) {
            fill();
        }
        int a = byteAt(0), b = byteAt(1), c = byteAt(2), d = byteAt(3);
        if (a == 0xEF && b == 0xBB && c == 0xBF) {
            return afterMark(3, StandardCharsets.UTF_8);
        }
        if (a == 0 && b == 0 && c == 0xFE && d == 0xFF) {
            return afterMark(4, UTF_32BE);
        }
        if (a == 0xFF && b == 0xFE) {
            return c == 0 && d == 0 ? afterMark(4, UTF_32LE) : afterMark(2, StandardCharsets.UTF_16LE);
        }
        if (a == 0xFE && b == 0xFF) {
            return afterMark(2, StandardCharsets.UTF_16BE);
        }
        if (a == 0 && b >= 0) {
            return b == 0 ? UTF_32BE : StandardCharsets.UTF_16BE;
        }
        if (b == 0) {
            return c == 0 && d == 0 ? UTF_32LE : StandardCharsets.UTF_16LE;
        }
        return StandardCharsets.UTF_8;
    }

    /** -1 after the end. */
    private int byteAt(int index) {
        return index < bytes.limit() ? bytes.get(index) & 0xFF : -1;
    }

    private Charset afterMark(int length, Charset charset) {
        bytes.position(length);
        return charset;
    }

    private void fill() throws IOException {
        offset += bytes.position();
        bytes.compact();
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = count < 0;
        bytes.position(bytes.position() + Math.max(count, 0)).flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
