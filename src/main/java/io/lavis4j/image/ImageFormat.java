package io.lavis4j.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The formats that are read, told by how a file begins. */
public enum ImageFormat {
    JPEG("ffd8"),
    PNG("89504e470d0a1a0a"),
    WEBP("52494646........57454250"),
    GIF("474946383761 474946383961"),
    BMP("424d..........................000000"), // the size of its header is below 256
    TIFF("49492a00 4d4d002a 49492b00 4d4d002b");

    /** All formats, after "neither". */
    static final String NAMES = "JPEG, PNG, WebP, GIF, BMP nor TIFF";

    /** Bytes that tell the format. */
    public static final int BEGINNING = 32;

    /** With blanks between them. */
    private final String signatures;

    ImageFormat(String signatures) {
        this.signatures = signatures;
    }

    /**
     * The format of a file.
     *
     * @param content the whole of it or its beginning
     * @return {@code null} if it is not one that is read
     */
    public static @Nullable ImageFormat of(byte[] content) {
        for (var format : values()) {
            if (Arrays.stream(format.signatures.split(" ", -1)).anyMatch(hex -> new Signature(hex).begins(content))) {
                return format;
            }
        }
        return null;
    }

    /**
     * The format of a file on disk.
     *
     * @return {@code null} if it is not one that is read
     * @throws IOException if it cannot be opened
     */
    public static @Nullable ImageFormat of(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return of(in.readNBytes(BEGINNING));
        }
    }
}
