package io.lavis4j.metric;

import java.util.Arrays;
import java.util.List;

/**
 * A corpus as counted n-grams, n = 1 to 4. Captions are numbered item by item, the hypothesis before the references.
 * The n-grams of one caption and order are a range of {@code ids}, ascending and without repetition.
 */
final class NgramCorpus {

    static final int MAX_ORDER = 4;

    /** N-gram numbers, range after range, and how often each occurs in its caption. */
    private int[] ids = new int[1 << 12];

    private int[] counts = new int[1 << 12];
    private int filled;

    /** The starts of ranges: four per caption, one for each order, and the end. */
    private final int[] starts;

    private final int[] lengths;
    private final int[] hypotheses;

    /** In the references of how many items an n-gram occurs. */
    private int[] documentFrequencies = new int[0];

    private NgramCorpus(List<CaptionItem> items) {
        hypotheses = new int[items.size() + 1];
        for (int i = 0; i < items.size(); i++) {
            hypotheses[i + 1] = hypotheses[i] + 1 + items.get(i).references().size();
        }
        int captions = hypotheses[items.size()];
        lengths = new int[captions];
        starts = new int[MAX_ORDER * captions + 1];
    }

    static NgramCorpus of(List<CaptionItem> items) {
        var corpus = new NgramCorpus(items);
        var words = corpus.words(items);
        var table = new NgramTable(words.distinct());
        var document = new int[0]; // the last item, counted from 1, that an n-gram was seen in
        int at = 0;
        for (int item = 0; item < items.size(); item++) {
            for (int caption = corpus.hypothesis(item); caption < corpus.end(item); caption++) {
                int length = corpus.lengths[caption];
                corpus.count(caption, Arrays.copyOfRange(words.ids(), at, at + length), table);
                at += length;
                if (table.size() > document.length) {
                    document = Arrays.copyOf(document, grown(table.size()));
                    corpus.documentFrequencies = Arrays.copyOf(corpus.documentFrequencies, document.length);
                }
                if (caption > corpus.hypothesis(item)) {
                    corpus.countDocument(caption, item + 1, document);
                }
            }
        }
        return corpus;
    }

    private static int grown(int size) {
        return Math.addExact(size, size / 2);
    }

    private record Words(int[] ids, int distinct) {}

    /** All captions' words, one after the other, split at any white space. */
    private Words words(List<CaptionItem> items) {
        var table = new WordTable();
        var all = new int[1 << 12];
        int size = 0;
        int caption = 0;
        for (var item : items) {
            for (int i = -1; i < item.references().size(); i++) {
                var text = i < 0 ? item.hypothesis() : item.references().get(i);
                int before = size;
                for (int from = WhiteSpace.skip(text, 0); from < text.length(); ) {
                    int to = WhiteSpace.find(text, from);
                    if (size == all.length) {
                        all = Arrays.copyOf(all, grown(size));
                    }
                    all[size++] = table.id(text, from, to);
                    from = WhiteSpace.skip(text, to);
                }
                lengths[caption++] = size - before;
            }
        }
        return new Words(all, table.size());
    }

    /** Appends the counted n-grams of a caption; overwrites {@code words}. */
    private void count(int caption, int[] words, NgramTable table) {
        var prefixes = words.clone();
        for (int n = 1; n <= MAX_ORDER; n++) {
            int total = Math.max(0, words.length - n + 1);
            if (n > 1) {
                for (int i = 0; i < total; i++) {
                    prefixes[i] = table.id(prefixes[i], words[i + n - 1]);
                }
            }
            var sorted = Arrays.copyOf(prefixes, total);
            Arrays.sort(sorted);
            append(sorted);
            starts[MAX_ORDER * caption + n] = filled;
        }
    }

    private void append(int[] sorted) {
        if (filled + sorted.length > ids.length) {
            int capacity = Math.max(grown(ids.length), filled + sorted.length);
            ids = Arrays.copyOf(ids, capacity);
            counts = Arrays.copyOf(counts, capacity);
        }
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                ids[filled] = sorted[i];
                counts[filled++] = 1;
            } else {
                counts[filled - 1]++;
            }
        }
    }

    private void countDocument(int caption, int item, int[] document) {
        for (int i = start(caption, 1); i < start(caption + 1, 1); i++) {
            if (document[ids[i]] != item) {
                document[ids[i]] = item;
                documentFrequencies[ids[i]]++;
            }
        }
    }

    int items() {
        return hypotheses.length - 1;
    }

    /** The caption that is an item's hypothesis; its references follow, up to {@link #end}. */
    int hypothesis(int item) {
        return hypotheses[item];
    }

    int end(int item) {
        return hypotheses[item + 1];
    }

    /** Words of a caption. */
    int length(int caption) {
        return lengths[caption];
    }

    /** The first position of a caption's n-grams of order {@code n}; the range ends where the next order starts. */
    int start(int caption, int n) {
        return starts[MAX_ORDER * caption + n - 1];
    }

    int id(int position) {
        return ids[position];
    }

    int count(int position) {
        return counts[position];
    }

    int documentFrequency(int position) {
        return documentFrequencies[ids[position]];
    }
}
