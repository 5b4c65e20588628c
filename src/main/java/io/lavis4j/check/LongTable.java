package io.lavis4j.check;

import java.util.Arrays;

/**
 * Numbers by 64-bit digests, 16 bytes for each place and at most half of the places taken. It holds a bounded number of
 * entries; what comes after them is not kept. Belongs to one thread.
 */
final class LongTable {

    /** The value of a digest that is not in the table. */
    static final long ABSENT = Long.MIN_VALUE;

    /** A full table takes 134 MB. */
    static final int MOST = 4_000_000;

    private static final int FIRST_PLACES = 1 << 10;

    private final int most;
    private long[] digests = new long[FIRST_PLACES];
    private long[] values = absent(FIRST_PLACES);
    private int size;

    LongTable() {
        this(MOST);
    }

    /** @param most entries */
    LongTable(int most) {
        this.most = most;
    }

    private static long[] absent(int places) {
        long[] values = new long[places];
        Arrays.fill(values, ABSENT);
        return values;
    }

    /** The value of a digest, or {@link #ABSENT}. */
    long get(long digest) {
        return values[place(digest)];
    }

    boolean has(long digest) {
        return get(digest) != ABSENT;
    }

    /**
     * Keeps a value if there is none yet.
     *
     * @return the value that was there before, or {@link #ABSENT}
     */
    long putIfAbsent(long digest, long value) {
        int place = place(digest);
        long before = values[place];
        if (before == ABSENT && !isFull()) {
            digests[place] = digest;
            values[place] = value;
            if (2 * ++size > digests.length) {
                grow();
            }
        }
        return before;
    }

    /** Whether nothing more is kept. */
    boolean isFull() {
        return size >= most;
    }

    private int place(long digest) {
        int mask = digests.length - 1, place = (int) (digest ^ digest >>> 32) & mask;
        while (values[place] != ABSENT && digests[place] != digest) {
            place = place + 1 & mask;
        }
        return place;
    }

    private void grow() {
        long[] oldDigests = digests, oldValues = values;
        digests = new long[2 * oldDigests.length];
        values = absent(digests.length);
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != ABSENT) {
                int place = place(oldDigests[i]);
                digests[place] = oldDigests[i];
                values[place] = oldValues[i];
            }
        }
    }
}
