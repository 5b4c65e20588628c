package io.lavis4j.image;

import java.nio.ByteOrder;

/** Samples that are stored as differences from their neighbours on the left; undone in place. */
final class TiffPredictor {

    static final int NONE = 1;
    static final int DIFFERENCES = 2;
    static final int REAL_DIFFERENCES = 3;

    private TiffPredictor() {}

    /**
     * Sums up whole numbers.
     *
     * @param rows of {@code rowBytes} each, whose samples have 8, 16 or 32 bits in this order of bytes
     * @param step samples of a pixel
     */
    static void sum(byte[] rows, int rowBytes, int bits, int step, ByteOrder order) {
        int size = bits / 8;
        for (int row = 0; row < rows.length; row += rowBytes) {
            for (int at = row + step * size; at < row + rowBytes; at += size) {
                int carry = 0;
                for (int i = 0; i < size; i++) {
                    int digit = at + (order == ByteOrder.BIG_ENDIAN ? size - 1 - i : i);
                    carry += (rows[digit] & 0xff) + (rows[digit - step * size] & 0xff);
                    rows[digit] = (byte) carry;
                    carry >>= 8;
                }
            }
        }
    }

    /**
     * Sums up real numbers of 32 bits, of which each row holds all highest bytes, then all second ones, and so on.
     *
     * @param rows of {@code rowBytes} each; they are in this order of bytes afterwards
     * @param step samples of a pixel
     */
    static void sumReal(byte[] rows, int rowBytes, int step, ByteOrder order) {
        int samples = rowBytes / Float.BYTES;
        byte[] planes = new byte[rowBytes];
        for (int row = 0; row < rows.length; row += rowBytes) {
            System.arraycopy(rows, row, planes, 0, rowBytes);
            for (int i = step; i < rowBytes; i++) {
                planes[i] += planes[i - step];
            }
            for (int i = 0; i < rowBytes; i++) {
                int place = order == ByteOrder.BIG_ENDIAN ? i / samples : Float.BYTES - 1 - i / samples;
                rows[row + i % samples * Float.BYTES + place] = planes[i];
            }
        }
    }
}
