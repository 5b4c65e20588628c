package io.lavis4j.metric;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/**
 * Which phrases paraphrase which, as 64-bit hashes of pairs. Hashes of different pairs of the English table, some five
 * million, differ but for a chance of one in a million.
 */
final class ParaphraseTable {

    private static final long SEED = 0x9E3779B97F4A7C15L;

    /** Bits of the filter of phrases that are a paraphrase. */
    private static final int FILTER_BITS = 26;

    private final LongTable pairs;
    private final LongTable firsts = new LongTable(1 << 10);
    private final long[] seconds = new long[1 << (FILTER_BITS - 6)];
    private long lastFirst;
    private int longest;

    private ParaphraseTable(int expected) {
        pairs = new LongTable(expected);
    }

    /**
     * Reads a gzipped table: three lines each of probability, phrase, paraphrase.
     *
     * @param expected about how many entries it has
     * @throws IOException also if the last entry is not complete
     */
    static ParaphraseTable read(InputStream gzipped, int expected) throws IOException {
        var table = new ParaphraseTable(expected);
        try (var in = new GZIPInputStream(gzipped, 1 << 16)) {
            var buffer = new byte[1 << 16];
            var reader = new LineReader(table);
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                reader.take(buffer, read);
            }
            reader.finish();
        }
        return table;
    }

    /** The hash of a word; those of a phrase's words are put together by {@link #longer}. */
    static long hash(String word) {
        long hash = 0;
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            hash = next(hash, b);
        }
        return hash;
    }

    private static long next(long hash, byte b) {
        return (hash + (b & 0xFF) + 1) * SEED ^ (hash >>> 29);
    }

    /** The hash of a phrase with one more word; an empty phrase has 0. */
    static long longer(long phrase, long word) {
        long mixed = (phrase ^ word) * SEED;
        return (mixed ^ (mixed >>> 32)) * SEED + word;
    }

    private static long pair(long first, long second) {
        return longer(first * 31, second);
    }

    /** Words of the longest phrase. */
    int longest() {
        return longest;
    }

    int size() {
        return pairs.size();
    }

    boolean hasFirst(long phrase) {
        return firsts.get(phrase) >= 0;
    }

    /** Whether a phrase may be a paraphrase; false is certain. */
    boolean mayHaveSecond(long phrase) {
        int bit = bit(phrase);
        return (seconds[bit >> 6] & (1L << bit)) != 0;
    }

    private static int bit(long phrase) {
        return (int) ((phrase * SEED) >>> (64 - FILTER_BITS));
    }

    /** The place of a pair in the table, or -1. */
    int place(long first, long second) {
        return pairs.get(pair(first, second));
    }

    private void add(long first, long second, int words) {
        int place = pairs.size();
        pairs.putIfAbsent(pair(first, second), place);
        if (first != lastFirst) {
            firsts.putIfAbsent(first, place);
            lastFirst = first;
        }
        int bit = bit(second);
        seconds[bit >> 6] |= 1L << bit;
        longest = Math.max(longest, words);
    }

    /** Hashes lines as their bytes come. */
    private static final class LineReader {

        private final ParaphraseTable table;
        private int line; // of an entry
        private long first;
        private int firstWords;
        private long phrase;
        private long word;
        private boolean inWord;
        private int words;

        LineReader(ParaphraseTable table) {
            this.table = table;
        }

        void take(byte[] bytes, int length) {
            int i = 0;
            while (i < length) {
                if (line == 0) {
                    while (i < length && bytes[i] != '\n') {
                        i++;
                    }
                } else {
                    long hash = word;
                    int from = i;
                    while (i < length && bytes[i] != ' ' && bytes[i] != '\n') {
                        hash = next(hash, bytes[i++]);
                    }
                    word = hash;
                    inWord |= i > from;
                }
                if (i < length) {
                    if (bytes[i] == '\n') {
                        endLine();
                    } else {
                        endWord();
                    }
                    i++;
                }
            }
        }

        private void endWord() {
            if (inWord) {
                phrase = longer(phrase, word);
                words++;
            }
            word = 0;
            inWord = false;
        }

        private void endLine() {
            endWord();
            if (line == 1) {
                first = phrase;
                firstWords = words;
            } else if (line == 2) {
                table.add(first, phrase, Math.max(words, firstWords));
            }
            line = (line + 1) % 3;
            phrase = 0;
            words = 0;
        }

        void finish() throws IOException {
            if (inWord || words > 0) {
                endLine();
            }
            if (line != 0) {
                throw new IOException("the paraphrase table ends inside an entry of three lines");
            }
        }
    }

    @Override
    public String toString() {
        return "ParaphraseTable of %d pairs".formatted(size());
    }
}
