package io.lavis4j.metric.meteor;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which phrases paraphrase which, as 64-bit hashes of phrases. Hashes of different phrases of the English table, some
 * millions, differ but for a chance of one in a million. Thread-safe once read.
 */
final class ParaphraseTable {

    /** Mixes bits. */
    static final long SEED = 0x9E3779B97F4A7C15L;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final LongTable firsts = new LongTable(1 << 12);
    private final LongTable seconds = new LongTable(1 << 12);
    private final List<LongTable> paraphrases = new ArrayList<>(); // by value of firsts
    private int entries; // with those that are left out
    private int longest;
    private int longestSeen;

    private ParaphraseTable() {}

    /**
     * Reads the entries of three lines each, probability, phrase and paraphrase, of which both sides may be wanted.
     *
     * @throws IOException also if the last entry is not complete
     */
    static ParaphraseTable read(ReadAheadInput in, PhraseFilter wanted) throws IOException {
        var table = new ParaphraseTable();
        var reader = new LineReader(table, wanted);
        for (var block = in.next(); block != null; block = in.next()) {
            reader.take(block.bytes(), block.length());
            in.giveBack(block);
        }
        reader.finish();
        return table;
    }

    /** The hash of a word, eight bytes at a time; those of a phrase's words are put together by {@link #longer}. */
    static long hash(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(bytes, (bytes.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
        long hash = 0;
        for (int i = 0; i < whole.length; i += Long.BYTES) {
            hash = next(hash, (long) LONGS.get(whole, i));
        }
        return hash;
    }

    private static long next(long hash, long eightBytes) {
        return (hash + eightBytes + 1) * SEED ^ (hash >>> 29);
    }

    /** The hash of a phrase with one more word; an empty phrase has 0. */
    static long longer(long phrase, long word) {
        long mixed = (phrase ^ word) * SEED;
        return (mixed ^ (mixed >>> 32)) * SEED + word;
    }

    /** Words of the longest phrase that was kept. */
    int longest() {
        return longest;
    }

    /** Words of the longest phrase that might have been wanted. */
    int longestSeen() {
        return longestSeen;
    }

    /** The paraphrases of a phrase, in the order of their numbers, or {@code null} if there are none. */
    @Nullable
    LongTable paraphrases(long phrase) {
        int first = firsts.get(phrase);
        return first < 0 ? null : paraphrases.get(first);
    }

    /** Whether a phrase is a paraphrase. */
    boolean hasSecond(long phrase) {
        return seconds.get(phrase) >= 0;
    }

    private void add(long first, long second, int words) {
        int at = firsts.get(first);
        if (at < 0) {
            at = paraphrases.size();
            firsts.putIfAbsent(first, at);
            paraphrases.add(new LongTable(4));
        }
        paraphrases.get(at).putIfAbsent(second, entries);
        seconds.putIfAbsent(second, 0);
        longest = Math.max(longest, words);
    }

    /** Hashes lines as their bytes come. */
    private static final class LineReader {

        private static final long ONES = 0x0101010101010101L;
        private static final long HIGH_BITS = 0x8080808080808080L;

        private final ParaphraseTable table;
        private final PhraseFilter wanted;
        private byte[] tail = new byte[1 << 10]; // the beginning of a line
        private int tailLength;
        private int line; // of an entry
        private long first;
        private int firstWords;
        private boolean firstIsWanted;

        LineReader(ParaphraseTable table, PhraseFilter wanted) {
            this.table = table;
            this.wanted = wanted;
        }

        /** @param bytes with room for {@link Long#BYTES} after {@code length} */
        void take(byte[] bytes, int length) {
            int from = 0;
            if (tailLength > 0) {
                from = lineEnd(bytes, 0, length);
                keep(bytes, 0, from);
                if (tail[tailLength - 1] != '\n') {
                    return;
                }
                read(tail, 0, tailLength);
                tailLength = 0;
            }
            int end = length;
            while (end > from && bytes[end - 1] != '\n') {
                end--;
            }
            read(bytes, from, end);
            keep(bytes, end, length);
        }

        /** Behind the first line break, or all. */
        private static int lineEnd(byte[] bytes, int from, int length) {
            int end = from;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            return Math.min(end + 1, length);
        }

        private void keep(byte[] bytes, int from, int to) {
            if (tailLength + to - from + Long.BYTES > tail.length) {
                tail = Arrays.copyOf(tail, 2 * (tailLength + to - from + Long.BYTES));
            }
            System.arraycopy(bytes, from, tail, tailLength, to - from);
            tailLength += to - from;
        }

        /** Reads whole lines. */
        private void read(byte[] bytes, int from, int to) {
            int at = from;
            while (at < to) {
                at = line == 0 || (line == 2 && !firstIsWanted) ? skip(bytes, at) : phrase(bytes, at);
                if (line == 2) {
                    table.entries++;
                }
                line = (line + 1) % 3;
            }
        }

        private static int skip(byte[] bytes, int from) {
            int at = from;
            long breaks = breaks((long) LONGS.get(bytes, at));
            while (breaks == 0) {
                at += Long.BYTES;
                breaks = breaks((long) LONGS.get(bytes, at));
            }
            return at + Long.numberOfTrailingZeros(breaks) / Byte.SIZE + 1;
        }

        private int phrase(byte[] bytes, int from) {
            int at = from;
            long phrase = 0;
            int words = 0;
            byte stop;
            do {
                int start = at;
                long word = 0;
                long eight = (long) LONGS.get(bytes, at);
                long stops = breaks(eight) | blanks(eight);
                while (stops == 0) {
                    word = next(word, eight);
                    at += Long.BYTES;
                    eight = (long) LONGS.get(bytes, at);
                    stops = breaks(eight) | blanks(eight);
                }
                int bits = Long.numberOfTrailingZeros(stops) & -Byte.SIZE;
                if (bits > 0) {
                    word = next(word, eight & ((1L << bits) - 1));
                    at += bits / Byte.SIZE;
                }
                if (at > start) {
                    phrase = longer(phrase, word);
                    words++;
                }
                stop = bytes[at++];
            } while (stop != '\n');
            endPhrase(phrase, words);
            return at;
        }

        /** Has the high bit of the first line break, and perhaps of bytes after it. */
        private static long breaks(long eight) {
            long zero = eight ^ (ONES * '\n');
            return (zero - ONES) & ~zero & HIGH_BITS;
        }

        /** Has the high bit of the first blank, and perhaps of bytes after it. */
        private static long blanks(long eight) {
            long zero = eight ^ (ONES * ' ');
            return (zero - ONES) & ~zero & HIGH_BITS;
        }

        private void endPhrase(long phrase, int words) {
            table.longestSeen = Math.max(table.longestSeen, words);
            if (line == 1) {
                first = phrase;
                firstWords = words;
                firstIsWanted = wanted.mayHave(phrase);
            } else if (wanted.mayHave(phrase)) {
                table.add(first, phrase, Math.max(words, firstWords));
            }
        }

        void finish() throws IOException {
            if (tailLength > 0) {
                keep(new byte[] {'\n'}, 0, 1);
                read(tail, 0, tailLength);
            }
            if (line != 0) {
                throw new IOException("the paraphrase table ends inside an entry of three lines");
            }
        }
    }
}
