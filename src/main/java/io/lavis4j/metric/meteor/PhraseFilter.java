package io.lavis4j.metric.meteor;

import java.util.List;

/** The phrases that some texts may have, as hashes of {@link ParaphraseTable}; false is certain. */
final class PhraseFilter {

    private static final int BITS = 23; // stays in a processor's cache

    private final long[] bits = new long[1 << (BITS - 6)];
    private final int longest;

    private PhraseFilter(int longest) {
        this.longest = longest;
    }

    /** Of the phrases of up to {@code longest} words. */
    static PhraseFilter of(List<List<MeteorMatcher.Word>> texts, int longest) {
        var filter = new PhraseFilter(longest);
        texts.forEach(filter::add);
        return filter;
    }

    private void add(List<MeteorMatcher.Word> words) {
        for (int start = 0; start < words.size(); start++) {
            long phrase = 0;
            int end = Math.min(words.size(), start + longest);
            for (int i = start; i < end; i++) {
                phrase = ParaphraseTable.longer(phrase, words.get(i).hash());
                int bit = bit(phrase);
                bits[bit >> 6] |= 1L << bit;
            }
        }
    }

    boolean mayHave(long phrase) {
        int bit = bit(phrase);
        return (bits[bit >> 6] & (1L << bit)) != 0;
    }

    private static int bit(long phrase) {
        return (int) ((phrase * ParaphraseTable.SEED) >>> (Long.SIZE - BITS));
    }
}
