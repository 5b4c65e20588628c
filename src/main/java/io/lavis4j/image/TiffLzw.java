package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;

/** The LZW of TIFF: highest bits first, codes one bit longer one code early. */
final class TiffLzw {

    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int FIRST_FREE = 258;
    private static final int FEWEST_BITS = 9;
    private static final int MOST_BITS = 12;
    private static final int MOST_WORDS = 1 << MOST_BITS;
    private static final int NONE = -1;

    private TiffLzw() {}

    /** Fills {@code to}; codes after that are not looked at. */
    static void decode(byte[] from, byte[] to) throws IOException {
        if (from.length > 1 && from[0] == 0 && (from[1] & 1) != 0) {
            throw new UnreadKindException("a TIFF image with LZW codes as before TIFF 5.0, lowest bits first");
        }
        var words = new CodeTable(CLEAR, MOST_WORDS);
        int filled = 0, previous = NONE, free = FIRST_FREE, size = FEWEST_BITS;
        for (long bit = 0; filled < to.length; ) {
            int code = code(from, bit, size);
            bit += size;
            if (code == END) {
                throw new EOFException("its pixels end after %d of %d bytes".formatted(filled, to.length));
            }
            if (code == CLEAR) {
                free = FIRST_FREE;
                size = FEWEST_BITS;
                previous = NONE;
                continue;
            }
            if (bit == size) {
                throw new IOException("its pixels begin with the code %d, expected %d".formatted(code, CLEAR));
            }
            boolean adds = previous != NONE && free < MOST_WORDS;
            if (code > free || (code == free && !adds)) {
                throw new IOException("its pixels have the code %d before it means anything".formatted(code));
            }
            if (adds) {
                words.add(free, previous, code == free ? previous : code);
                free++;
                if (free == (1 << size) - 1 && size < MOST_BITS) {
                    size++;
                }
            }
            filled += words.write(code, to, filled);
            previous = code;
        }
    }

    private static int code(byte[] from, long bit, int size) throws EOFException {
        int at = (int) (bit / 8);
        if (bit + size > 8L * from.length) {
            throw new EOFException("its pixels are cut off");
        }
        int window = 0;
        for (int i = 0; i < 3; i++) {
            window = window << 8 | (at + i < from.length ? from[at + i] & 0xff : 0);
        }
        return (window >> (24 - size - (int) (bit % 8))) & ((1 << size) - 1);
    }
}
