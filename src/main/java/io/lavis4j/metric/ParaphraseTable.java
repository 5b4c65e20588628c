package io.lavis4j.metric;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Which phrases paraphrase which, as 64-bit hashes of phrases. Hashes of different phrases of the English table, some
 * millions, differ but for a chance of one in a million.
 *
 * <p>Paraphrases stay in the table's order, phrase after phrase, which is fast to read; those of a phrase are put into
 * a small table of their own when it is first asked for. Thread-safe once read.
 */
final class ParaphraseTable {

    private static final long SEED = 0x9E3779B97F4A7C15L;

    /** Bits of the filter of phrases that are a paraphrase. */
    private static final int FILTER_BITS = 26;

    private long[] paraphrases;
    private int size;

    /** Phrase to the first run of its paraphrases. */
    private final LongTable firsts = new LongTable(1 << 20);

    /** By run: where it starts, and the next run of the same phrase or -1. It ends where another starts. */
    private int[] starts = new int[1 << 20];

    private int[] nextRuns = new int[1 << 20];
    private int runs;

    private final long[] seconds = new long[1 << (FILTER_BITS - 6)];
    private final Map<Integer, LongTable> asked = new ConcurrentHashMap<>(); // by first run
    private long lastFirst;
    private int longest;

    private ParaphraseTable(int expected) {
        paraphrases = new long[Math.max(16, expected + expected / 8)];
    }

    /**
     * Reads a gzipped table: three lines each of probability, phrase, paraphrase.
     *
     * @param expected about how many entries it has
     * @throws IOException also if the last entry is not complete
     */
    static ParaphraseTable read(InputStream gzipped, int expected) throws IOException {
        var table = new ParaphraseTable(expected);
        var reader = new LineReader(table);
        try (var in = new Readahead(new GZIPInputStream(gzipped, 1 << 16))) {
            for (var block = in.next(); block != null; block = in.next()) {
                reader.take(block.bytes(), block.length());
                in.giveBack(block);
            }
        }
        reader.finish();
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

    /** Words of the longest phrase. */
    int longest() {
        return longest;
    }

    int size() {
        return size;
    }

    /** The paraphrases of a phrase with their places in the table, or {@code null} if there are none. */
    @Nullable
    LongTable paraphrases(long phrase) {
        int run = firsts.get(phrase);
        return run < 0 ? null : asked.computeIfAbsent(run, this::collect);
    }

    private LongTable collect(int firstRun) {
        var table = new LongTable(16);
        for (int run = firstRun; run >= 0; run = nextRuns[run]) {
            int end = run + 1 < runs ? starts[run + 1] : size;
            for (int i = starts[run]; i < end; i++) {
                table.putIfAbsent(paraphrases[i], i);
            }
        }
        return table;
    }

    /** Whether a phrase may be a paraphrase; false is certain. */
    boolean mayHaveSecond(long phrase) {
        int bit = bit(phrase);
        return (seconds[bit >> 6] & (1L << bit)) != 0;
    }

    private static int bit(long phrase) {
        return (int) ((phrase * SEED) >>> (64 - FILTER_BITS));
    }

    private void add(long first, long second, int words) {
        if (size == 0 || first != lastFirst) {
            addRun(first);
            lastFirst = first;
        }
        if (size == paraphrases.length) {
            paraphrases = Arrays.copyOf(paraphrases, size + size / 2);
        }
        paraphrases[size++] = second;
        int bit = bit(second);
        seconds[bit >> 6] |= 1L << bit;
        longest = Math.max(longest, words);
    }

    private void addRun(long first) {
        if (runs == starts.length) {
            starts = Arrays.copyOf(starts, 2 * runs);
            nextRuns = Arrays.copyOf(nextRuns, 2 * runs);
        }
        starts[runs] = size;
        nextRuns[runs] = -1;
        int known = firsts.get(first);
        if (known < 0) {
            firsts.putIfAbsent(first, runs);
        } else {
            while (nextRuns[known] >= 0) {
                known = nextRuns[known];
            }
            nextRuns[known] = runs;
        }
        runs++;
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
