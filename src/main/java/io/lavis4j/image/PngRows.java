package io.lavis4j.image;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The rows of a PNG image as libpng and Pillow take them out of its compressed stream, to know whether a file that is
 * cut off has them all.
 *
 * <p>They stop where a row begins and zlib has taken the last byte, even if it could still give the row from what it
 * remembers.
 */
record PngRows(int width, int height, int bitsPerPixel, boolean interlaced) {

    /** First column and row, and the steps to the next, of each pass over an interlaced image. */
    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private static final int[][] ONE_PASS = {{0, 0, 1, 1}};

    /** Whether a stream, or the beginning of one, has all rows. A damaged one has them: its decoder says more. */
    boolean areIn(ByteArrayOutputStream stream) {
        var inflater = new Inflater();
        try {
            inflater.setInput(stream.toByteArray());
            for (int[] pass : interlaced ? ADAM7 : ONE_PASS) {
                int columns = count(width, pass[0], pass[2]);
                int rows = columns == 0 ? 0 : count(height, pass[1], pass[3]);
                byte[] row = new byte[1 + (int) (((long) columns * bitsPerPixel + 7) / 8)];
                for (int y = 0; y < rows; y++) {
                    if (!fills(inflater, row)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (DataFormatException e) {
            return true;
        } finally {
            inflater.end();
        }
    }

    private static boolean fills(Inflater inflater, byte[] row) throws DataFormatException {
        for (int count = 0; count < row.length; ) {
            if (inflater.getRemaining() == 0 || inflater.finished()) {
                return false;
            }
            count += inflater.inflate(row, count, row.length - count);
        }
        return true;
    }

    private static int count(int size, int first, int step) {
        return size <= first ? 0 : (size - first + step - 1) / step;
    }
}
