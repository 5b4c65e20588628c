package io.lavis4j.metric;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a file in UTF-8, with or without byte-order mark, or in UTF-16 with one; nothing is replaced. */
final class TextFile {

    private TextFile() {}

    /**
     * Reads a whole file.
     *
     * @throws UncheckedIOException if it cannot be read, or is in another encoding, naming the first wrong byte
     */
    static String read(Path path) {
        try {
            return decode(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(path, e), e);
        }
    }

    private static String decode(byte[] bytes) throws IOException {
        Charset charset = StandardCharsets.UTF_8;
        int start = 0;
        if (starts(bytes, 0xEF, 0xBB, 0xBF)) {
            start = 3;
        } else if (starts(bytes, 0xFE, 0xFF)) {
            charset = StandardCharsets.UTF_16BE;
            start = 2;
        } else if (starts(bytes, 0xFF, 0xFE)) {
            charset = StandardCharsets.UTF_16LE;
            start = 2;
        }
        var in = ByteBuffer.wrap(bytes, start, bytes.length - start);
        var decoder = charset.newDecoder();
        var out = CharBuffer.allocate((int) Math.ceil(in.remaining() * (double) decoder.maxCharsPerByte()));
        var result = decoder.decode(in, out, true);
        if (result.isUnderflow()) {
            result = decoder.flush(out);
        }
        if (!result.equals(CoderResult.UNDERFLOW)) {
            throw new IOException("byte 0x%02X at offset %d is not %s; convert the file to UTF-8"
                    .formatted(bytes[in.position()], in.position(), charset));
        }
        return out.flip().toString();
    }

    private static boolean starts(byte[] bytes, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
