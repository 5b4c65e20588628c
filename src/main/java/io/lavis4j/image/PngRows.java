package io.lavis4j.image;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a PNG image, taken out of the compressed stream as Pillow does: a row must be whole before zlib has taken
 * the last byte, and a stream may end after any row.
 */
final class PngRows implements AutoCloseable {

    // the filters, by the first byte of a row
    private static final int NONE = 0;
    private static final int SUB = 1;
    private static final int UP = 2;
    private static final int AVERAGE = 3;
    private static final int PAETH = 4;

    private static final byte[] NOTHING = {};

    private final byte[] file;
    private final PngChunks chunks;
    private final int pixel; // bytes from a sample to that of the pixel before
    private final Inflater inflater = new Inflater();
    private byte[] row;
    private byte[] before;

    /** @param largest bytes of a row */
    PngRows(byte[] file, PngChunks chunks, int largest, int bitsPerPixel) {
        this.file = file;
        this.chunks = chunks;
        pixel = (bitsPerPixel + 7) / 8;
        row = new byte[largest + 1];
        before = new byte[largest + 1];
    }

    /** Forgets the row before, which the filters of the next one refer to. */
    void beginPass() {
        Arrays.fill(row, (byte) 0);
    }

    /**
     * Reads the next row.
     *
     * @param size bytes
     * @return valid until the next row, samples from 1 on; {@code null} after the stream's end
     * @throws IOException if the stream is damaged or cut off
     */
    byte @Nullable [] next(int size) throws IOException {
        if (inflater.finished()) {
            return null;
        }
        byte[] other = row;
        row = before;
        before = other;
        try {
            fill(size + 1);
        } catch (DataFormatException e) {
            throw new IOException("its compressed pixels are damaged: " + e.getMessage(), e);
        }
        undoFilter(size);
        return row;
    }

    private void fill(int size) throws IOException, DataFormatException {
        int count = 0;
        while (count < size) {
            if (inflater.getRemaining() == 0) {
                var piece = chunks.next();
                inflater.setInput(file, piece.start(), piece.length());
            }
            count += inflater.inflate(row, count, size - count);
            if (count < size) {
                inflater.setInput(NOTHING); // what follows the stream's end
            }
        }
    }

    /** What lies before the first pixel is zero. */
    private void undoFilter(int size) throws IOException {
        switch (row[0]) {
            case NONE -> {}
            case SUB -> {
                for (int i = 1 + pixel; i <= size; i++) {
                    row[i] += row[i - pixel];
                }
            }
            case UP -> {
                for (int i = 1; i <= size; i++) {
                    row[i] += before[i];
                }
            }
            case AVERAGE -> {
                for (int i = 1; i <= size; i++) {
                    int left = i > pixel ? row[i - pixel] & 0xff : 0;
                    row[i] += (byte) ((left + (before[i] & 0xff)) / 2);
                }
            }
            case PAETH -> {
                for (int i = 1; i <= size; i++) {
                    row[i] += i > pixel ? nearest(row[i - pixel], before[i], before[i - pixel]) : before[i];
                }
            }
            default ->
                throw new IOException(
                        "a row of it has the unknown filter %d, expected 0 to 4".formatted(row[0] & 0xff));
        }
    }

    /** Of left, above and above left, the one that is nearest to left + above - above left. */
    private static byte nearest(byte left, byte above, byte corner) {
        int a = left & 0xff;
        int b = above & 0xff;
        int c = corner & 0xff;
        int toLeft = Math.abs(b - c);
        int toAbove = Math.abs(a - c);
        int toCorner = Math.abs(a + b - 2 * c);
        if (toLeft <= toAbove && toLeft <= toCorner) {
            return left;
        }
        return toAbove <= toCorner ? above : corner;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
