package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A published checksum, written {@code sha256:HEX} or {@code md5:HEX}.
 *
 * @param kind of digest
 * @param hex in lower case
 */
public record Checksum(Kind kind, String hex) {

    private static final int BUFFER = 1 << 20;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

    /** Digests that publishers give. */
    public enum Kind {
        MD5("MD5", 32),
        SHA256("SHA-256", 64),
        /** What git calls a blob, by which the Hugging Face hub names small files. */
        GIT("SHA-1", 40);

        private final String algorithm;
        private final int digits;

        Kind(String algorithm, int digits) {
            this.algorithm = algorithm;
            this.digits = digits;
        }
    }

    public Checksum {
        require(
                hex.length() == kind.digits && HEX.matcher(hex).matches(),
                "expected %d hexadecimal digits as a checksum of kind %s, got \"%s\"",
                kind.digits,
                name(kind),
                hex);
    }

    /**
     * The checksum that a text stands for.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static Checksum parse(String text) {
        int colon = text.indexOf(':');
        for (var kind : Kind.values()) {
            if (name(kind).equals(text.substring(0, Math.max(colon, 0)))) {
                return new Checksum(kind, text.substring(colon + 1).toLowerCase(Locale.ROOT));
            }
        }
        throw new IllegalArgumentException("expected a checksum as sha256:HEX or md5:HEX, got \"%s\"".formatted(text));
    }

    /** That of a file's whole content; the channel's position stays. */
    static Checksum of(Kind kind, FileChannel file) throws IOException {
        try {
            var digest = MessageDigest.getInstance(kind.algorithm);
            if (kind == Kind.GIT) {
                digest.update("blob %d\0".formatted(file.size()).getBytes(StandardCharsets.US_ASCII));
            }
            var buffer = ByteBuffer.allocate(BUFFER);
            for (long at = 0; file.read(buffer.clear(), at) >= 0; at += buffer.limit()) {
                digest.update(buffer.flip());
            }
            return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has these
        }
    }

    private static String name(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return name(kind) + ":" + hex;
    }
}
