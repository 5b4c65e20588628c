package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;

/** The codes of a GIF frame: LZW of variable length, lowest bits first, in blocks of up to 255 bytes. */
final class GifCodes {

    private static final int MOST_BITS = 12;
    private static final int MOST_WORDS = 1 << MOST_BITS;
    private static final int NONE = -1;

    private final FileBytes file;
    private final int literalBits;
    private int at;
    private int blockLeft;
    private int bits;
    private int bitCount;

    /** @param at of the byte that says how many bits a pixel has */
    GifCodes(FileBytes file, int at) throws IOException {
        this.file = file;
        this.at = at + 1;
        literalBits = file.uint8(at);
        if (literalBits > MOST_BITS) {
            throw new IOException(
                    "its pixels have codes of %d bits, expected at most %d".formatted(literalBits, MOST_BITS));
        }
    }

    /** The first pixels; codes after them are not looked at. */
    byte[] indices(int count) throws IOException {
        int clear = 1 << literalBits, end = clear + 1;
        var words = new CodeTable(clear, Math.max(clear, MOST_WORDS));
        byte[] indices = new byte[count];
        int filled = 0, previous = NONE, free = clear + 2, size = literalBits + 1;
        while (filled < count) {
            int code = next(size);
            if (code == end) {
                throw new EOFException("its pixels end after %d of %d".formatted(filled, count));
            }
            if (code == clear) {
                free = clear + 2;
                size = literalBits + 1;
                previous = NONE;
                continue;
            }
            boolean adds = previous != NONE && free < MOST_WORDS;
            if (code > free || (code == free && !adds)) {
                throw new IOException("its pixels have the code %d before it means anything".formatted(code));
            }
            if (adds) {
                words.add(free, previous, code == free ? previous : code);
                free++;
                if (free == 1 << size && size < MOST_BITS) {
                    size++;
                }
            }
            filled += words.write(code, indices, filled);
            previous = code;
        }
        return indices;
    }

    private int next(int size) throws IOException {
        while (bitCount < size) {
            if (blockLeft == 0) {
                blockLeft = file.uint8(at++);
                if (blockLeft == 0) {
                    throw new EOFException("its pixels are cut off");
                }
                file.requireRange(at, blockLeft); // as in Pillow, also where less of it would do
            }
            bits |= file.uint8(at++) << bitCount;
            bitCount += 8;
            blockLeft--;
        }
        int code = bits & ((1 << size) - 1);
        bits >>>= size;
        bitCount -= size;
        return code;
    }
}
