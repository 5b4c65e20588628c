package io.lavis4j.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Half of the SHA-256 of a text that says all that something depends on: of a thousand million different texts two
 * agree with a probability of 1 in 10^21.
 *
 * @param high first 64 bits
 * @param low next 64 bits
 */
record Fingerprint(long high, long low) {

    static final int BYTES = 2 * Long.BYTES;

    static Fingerprint of(String text) {
        try {
            var digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
            return new Fingerprint(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return "%016x%016x".formatted(high, low);
    }
}
