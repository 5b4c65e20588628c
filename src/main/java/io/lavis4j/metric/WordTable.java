package io.lavis4j.metric;

import java.util.Arrays;

/** Numbers words in the order of their first appearance; looks them up without making strings. */
final class WordTable {

    private String[] words = new String[1 << 12]; // by slot; null where free
    private int[] ids = new int[1 << 12];
    private int size;

    /** The number of the word {@code text[from, to)}. */
    int id(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int slot = slot(hash);
        while (words[slot] != null) {
            if (words[slot].length() == to - from && text.startsWith(words[slot], from)) {
                return ids[slot];
            }
            slot = (slot + 1) & (words.length - 1);
        }
        words[slot] = text.substring(from, to);
        ids[slot] = size++;
        if (size > words.length / 2) {
            grow();
        }
        return size - 1;
    }

    int size() {
        return size;
    }

    private int slot(int hash) {
        return (hash * 0x9E3779B9) >>> (Integer.numberOfLeadingZeros(words.length) + 1);
    }

    private void grow() {
        var oldWords = words;
        var oldIds = ids;
        words = new String[oldWords.length * 2];
        ids = new int[words.length];
        Arrays.fill(ids, -1);
        for (int i = 0; i < oldWords.length; i++) {
            if (oldWords[i] != null) {
                int slot = slot(oldWords[i].hashCode());
                while (words[slot] != null) {
                    slot = (slot + 1) & (words.length - 1);
                }
                words[slot] = oldWords[i];
                ids[slot] = oldIds[i];
            }
        }
    }
}
