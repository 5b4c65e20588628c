package io.lavis4j.metric;

import java.util.Arrays;

/**
 * Numbers n-grams: one of order n is the number of its first n - 1 words followed by a word, so that a pair of numbers
 * names it exactly. Numbers start after those of the words.
 */
final class NgramTable {

    private static final long FREE = -1;

    private final int firstId;
    private long[] keys = filled(1 << 16);
    private int[] ids = new int[1 << 16];
    private int size;

    /** @param words how many words there are; the n-grams of order 1 are 0 to {@code words} - 1 */
    NgramTable(int words) {
        firstId = words;
    }

    /** The number of the n-gram that continues {@code prefix} by {@code word}. */
    int id(int prefix, int word) {
        long key = ((long) prefix << 32) | word;
        int slot = slot(key);
        while (keys[slot] != FREE) {
            if (keys[slot] == key) {
                return ids[slot];
            }
            slot = (slot + 1) & (keys.length - 1);
        }
        keys[slot] = key;
        int id = firstId + size++;
        ids[slot] = id;
        if (size > keys.length / 5 * 3) {
            grow();
        }
        return id;
    }

    /** Numbers given so far, those of the words included. */
    int size() {
        return firstId + size;
    }

    private int slot(long key) {
        long mixed = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> (Long.numberOfLeadingZeros(keys.length) + 1));
    }

    private void grow() {
        var oldKeys = keys;
        var oldIds = ids;
        keys = filled(Math.multiplyExact(oldKeys.length, 2));
        ids = new int[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int slot = slot(oldKeys[i]);
                while (keys[slot] != FREE) {
                    slot = (slot + 1) & (keys.length - 1);
                }
                keys[slot] = oldKeys[i];
                ids[slot] = oldIds[i];
            }
        }
    }

    private static long[] filled(int length) {
        var keys = new long[length];
        Arrays.fill(keys, FREE);
        return keys;
    }
}
