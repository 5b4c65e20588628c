package io.lavis4j.download;

import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What tells whether a server still has the bytes of which a part is here. It is kept beside the part.
 *
 * @param etag the entity tag, in its quotes; {@code null} if the server gives none
 * @param lastModified as the server writes it; {@code null} if it does not
 * @param size of the whole file in bytes; {@code null} if the server does not say
 */
record Validator(
        @Nullable String etag,
        @Nullable String lastModified,
        @Nullable Long size) {

    /** What goes into {@code If-Range}, which takes no weak tag; {@code null} if there is nothing. */
    @Nullable
    String ifRange() {
        return etag != null && !etag.startsWith("W/") ? etag : lastModified;
    }

    /** Whether the server says at all which bytes it has, beside how many. */
    boolean identifies() {
        return etag != null || lastModified != null;
    }

    /** Whether another response is of other bytes; what either does not say, cannot differ. */
    boolean contradicts(Validator other) {
        return differ(etag, other.etag)
                || differ(size, other.size)
                || (etag == null && differ(lastModified, other.lastModified));
    }

    private static boolean differ(@Nullable Object one, @Nullable Object other) {
        return one != null && other != null && !one.equals(other);
    }

    void write(Path file) {
        AtomicFile.write(file, JsonText.of(this));
    }

    /** What was written; {@code null} if it is not there or not readable, and nothing can be known. */
    static @Nullable Validator read(Path file) {
        try {
            return Files.isRegularFile(file) ? JsonText.parse(Files.readString(file), Validator.class) : null;
        } catch (IOException | UncheckedIOException e) {
            return null; // the part begins again
        }
    }
}
