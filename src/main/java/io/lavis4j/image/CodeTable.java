package io.lavis4j.image;

/** The words of an LZW decoder: the first are a byte each, every other is an earlier one and a byte more. */
final class CodeTable {

    private final int[] prefix;
    private final int[] length;
    private final byte[] first;
    private final byte[] last;

    /** @param literals words of one byte, the lowest 8 bits of their code */
    CodeTable(int literals, int size) {
        prefix = new int[size];
        length = new int[size];
        first = new byte[size];
        last = new byte[size];
        for (int code = 0; code < literals; code++) {
            length[code] = 1;
            first[code] = (byte) code;
            last[code] = (byte) code;
        }
    }

    /**
     * A word and one byte more, the first of {@code next}, which may be the new word itself.
     *
     * @param code of the new word
     */
    void add(int code, int word, int next) {
        prefix[code] = word;
        length[code] = length[word] + 1;
        first[code] = first[word];
        last[code] = first[next];
    }

    /** Writes a word, or what there is room for of it; returns the number of bytes. */
    int write(int code, byte[] to, int from) {
        int word = code, left = length[code];
        int written = Math.min(left, to.length - from);
        while (left > 0) {
            left--;
            if (left < written) {
                to[from + left] = last[word];
            }
            word = prefix[word];
        }
        return written;
    }
}
