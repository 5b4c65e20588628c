package io.lavis4j.download;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file to fetch.
 *
 * @param address where it is
 * @param target its final name, which it has when it is whole and checked
 * @param size in bytes, as published; {@code null} if not known
 * @param checksum as published; {@code null} if not known
 * @param token for the address's host alone; {@code null} for none
 * @param ifDenied what to do where the server wants a token or an agreement; {@code null} if nothing is known
 */
public record Download(
        URI address,
        Path target,
        @Nullable Long size,
        @Nullable Checksum checksum,
        @Nullable String token,
        @Nullable String ifDenied) {

    /** A file that anybody may have. */
    public Download(URI address, Path target, @Nullable Long size, @Nullable Checksum checksum) {
        this(address, target, size, checksum, null, null);
    }

    public Download {
        Addresses.checked(address);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return address + " to " + target;
    }
}
