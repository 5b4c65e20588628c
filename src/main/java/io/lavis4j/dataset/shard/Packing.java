package io.lavis4j.dataset.shard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Formats that shards are found packed in, told by their first bytes; a tar file begins with a name. */
enum Packing {
    GZIP("compressed with gzip", "\u001f\u008b"),
    BZIP2("compressed with bzip2", "BZh[1-9]1AY&SY"),
    XZ("compressed with xz", "\u00fd7zXZ\0"),
    ZSTD("compressed with zstd", "\\(\u00b5/\u00fd"),
    ZIP("a zip file", "PK\u0003\u0004");

    private static final int LONGEST = 10;

    private final String words;
    private final Pattern start;

    /** @param start pattern of the first bytes, as Latin-1 */
    Packing(String words, String start) {
        this.words = words;
        this.start = Pattern.compile(start);
    }

    /** The format of a file; {@code null} if it is none of these. */
    static @Nullable Packing of(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var head = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
            return Arrays.stream(values())
                    .filter(packing -> packing.start.matcher(head).lookingAt())
                    .findFirst()
                    .orElse(null);
        }
    }

    /** In a message. */
    @Override
    public String toString() {
        return words;
    }
}
