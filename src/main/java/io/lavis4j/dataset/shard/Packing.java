package io.lavis4j.dataset.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Formats that shards are found packed in, told by their first bytes. A tar file begins with a name. */
enum Packing {
    GZIP("compressed with gzip", 0x1F, 0x8B),
    BZIP2("compressed with bzip2", 'B', 'Z', 'h'),
    XZ("compressed with xz", 0xFD, '7', 'z', 'X', 'Z', 0),
    ZSTD("compressed with zstd", 0x28, 0xB5, 0x2F, 0xFD),
    ZIP("a zip file", 'P', 'K', 3, 4);

    private static final int LONGEST = 6;

    private final String words;
    private final byte[] start;

    Packing(String words, int... start) {
        this.words = words;
        this.start = new byte[start.length];
        for (int i = 0; i < start.length; i++) {
            this.start[i] = (byte) start[i];
        }
    }

    /** The format of a file; {@code null} if it is none of these. */
    static @Nullable Packing of(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(LONGEST);
            return Arrays.stream(values())
                    .filter(packing -> packing.start.length <= head.length
                            && Arrays.equals(head, 0, packing.start.length, packing.start, 0, packing.start.length))
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
