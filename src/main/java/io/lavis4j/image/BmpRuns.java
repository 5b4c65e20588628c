package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;

/**
 * The runs of a BMP file, from its first row on.
 *
 * <p>As in Pillow, what runs past its row is left out, the end of a row at its beginning is none, and pixels that are
 * jumped over have index 0.
 *
 * @param count pixels
 * @param nibbles whether a pixel has 4 bits
 */
record BmpRuns(FileBytes file, int width, int count, boolean nibbles) {

    private static final int END_OF_ROW = 0;
    private static final int END = 1;
    private static final int JUMP = 2;

    /** @throws IOException if there are fewer pixels */
    byte[] indices(long from) throws IOException {
        byte[] indices = new byte[count];
        long at = from;
        int filled = 0, x = 0;
        while (filled < count) {
            int run = file.uint8(at), code = file.uint8(at + 1);
            at += 2;
            if (run > 0) {
                int length = Math.min(Math.min(run, Math.max(0, width - x)), count - filled);
                for (int i = 0; i < length; i++) {
                    indices[filled + i] = (byte) (nibbles ? nibble(code, i) : code);
                }
                filled += length;
                x += length;
            } else if (code == END_OF_ROW) {
                filled = (filled + width - 1) / width * width;
                x = 0;
            } else if (code == END) {
                throw new EOFException("its pixels end after %d of %d".formatted(filled, count));
            } else if (code == JUMP) {
                filled = (int) Math.min(count, filled + file.uint8(at) + (long) file.uint8(at + 1) * width);
                x = filled % width;
                at += 2;
            } else {
                int length = Math.min(code, count - filled);
                for (int i = 0; i < length; i++) {
                    int pixel = nibbles ? nibble(file.uint8(at + i / 2), i) : file.uint8(at + i);
                    indices[filled + i] = (byte) pixel;
                }
                filled += length;
                x += code;
                at += nibbles ? (length + 1) / 2 : length;
                at += at % 2; // what follows begins at an even place of the file
            }
        }
        return indices;
    }

    private static int nibble(int pair, int index) {
        return index % 2 == 0 ? pair >> 4 : pair & 0xf;
    }
}
