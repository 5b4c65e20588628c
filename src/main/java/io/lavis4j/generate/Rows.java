package io.lavis4j.generate;

import java.util.Arrays;

/** The ids of the R rows that are being written, always equally long; rows of one sample are adjacent. */
final class Rows {

    private long[][] ids;

    /** Every sample's ids {@code copies} times. */
    Rows(long[][] initialIds, int copies) {
        ids = new long[initialIds.length * copies][];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = initialIds[row / copies].clone();
        }
    }

    int count() {
        return ids.length;
    }

    int length() {
        return ids[0].length;
    }

    /** (R, T), not to be changed. */
    long[][] ids() {
        return ids;
    }

    /** Row r becomes what row {@code origins[r]} was, and {@code tokens[r]}. */
    void append(long[] origins, long[] tokens) {
        long[][] longer = new long[ids.length][];
        for (int row = 0; row < ids.length; row++) {
            long[] past = ids[Math.toIntExact(origins[row])];
            longer[row] = Arrays.copyOf(past, past.length + 1);
            longer[row][past.length] = tokens[row];
        }
        ids = longer;
    }
}
