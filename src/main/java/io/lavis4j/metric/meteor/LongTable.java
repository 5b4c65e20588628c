package io.lavis4j.metric.meteor;

/** Numbers to numbers from 0 on, by open addressing. */
final class LongTable {

    private static final long MIXER = 0x9E3779B97F4A7C15L;

    private long[] keys; // 0 where free
    private int[] values;
    private int valueOfZero = -1;
    private int size;

    /** @param expected about how many keys there will be */
    LongTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(16, expected + expected / 4)) * 2;
        keys = new long[capacity];
        values = new int[capacity];
    }

    int size() {
        return size;
    }

    /** -1 if there is none. */
    int get(long key) {
        if (key == 0) {
            return valueOfZero;
        }
        int slot = slot(key);
        return keys[slot] == 0 ? -1 : values[slot];
    }

    /** Puts a value unless the key has one. */
    void putIfAbsent(long key, int value) {
        if (key == 0) {
            size += valueOfZero < 0 ? 1 : 0;
            valueOfZero = valueOfZero < 0 ? value : valueOfZero;
            return;
        }
        int slot = slot(key);
        if (keys[slot] == 0) {
            keys[slot] = key;
            values[slot] = value;
            size++;
            if (size > keys.length / 4 * 3) {
                grow();
            }
        }
    }

    /** The slot in which a key is or would go. */
    private int slot(long key) {
        int slot = (int) ((key * MIXER) >>> (Long.numberOfLeadingZeros(keys.length) + 1));
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        var oldKeys = keys;
        var oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
