package io.lavis4j.dataset.own;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * A share of the images that is held out of training. Whether an image is in it depends on its path alone, so that it
 * stays where it is when others come or go.
 *
 * @param fraction of the images, from 0 to below 1; 0 holds none out
 */
record HeldOut(double fraction) {

    private static final double HASHES = 1L << 32;

    /** The records of images that are held out, or of the others. */
    List<ImageText> part(List<ImageText> records, boolean heldOut) {
        return records.stream()
                .filter(record -> contains(record.path()) == heldOut)
                .toList();
    }

    private boolean contains(String path) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8));
            return Integer.toUnsignedLong(ByteBuffer.wrap(hash).getInt()) / HASHES < fraction;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
