package io.lavis4j.metric;

import java.util.Arrays;
import java.util.List;

/**
 * ROUGE-L (Lin, 2004) with beta = 1.2 of the COCO evaluation: precision and recall are each the best over the
 * references.
 *
 * <p>Words are what stands between ordinary blanks only, so a text without any is one word, even the empty one.
 */
final class RougeL {

    static final String NAME = "ROUGE_L";

    private static final double BETA_SQUARED = 1.2 * 1.2;

    private final WordTable table = new WordTable();
    private int[] row = new int[64];

    private RougeL() {}

    /** One score per item; the corpus's is the mean. */
    static double[] items(List<CaptionItem> items) {
        var rouge = new RougeL();
        return items.stream().mapToDouble(rouge::score).toArray();
    }

    private double score(CaptionItem item) {
        var hypothesis = words(item.hypothesis());
        double precision = 0;
        double recall = 0;
        for (var text : item.references()) {
            var reference = words(text);
            int common = longestCommonSubsequence(hypothesis, reference);
            precision = Math.max(precision, common / (double) hypothesis.length);
            recall = Math.max(recall, common / (double) reference.length);
        }
        return precision == 0 ? 0 : (1 + BETA_SQUARED) * precision * recall / (recall + BETA_SQUARED * precision);
    }

    private int[] words(String text) {
        var words = new int[16];
        int size = 0;
        for (int from = 0; from <= text.length(); ) {
            int blank = text.indexOf(' ', from);
            int to = blank < 0 ? text.length() : blank;
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = table.id(text, from, to);
            from = to + 1;
        }
        return Arrays.copyOf(words, size);
    }

    private int longestCommonSubsequence(int[] a, int[] b) {
        if (row.length <= b.length) {
            row = new int[2 * b.length];
        }
        Arrays.fill(row, 0, b.length + 1, 0);
        for (int word : a) {
            int diagonal = 0;
            for (int j = 1; j <= b.length; j++) {
                int above = row[j];
                row[j] = word == b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[b.length];
    }
}
