package io.lavis4j.metric;

import io.lavis4j.io.Listing;
import io.lavis4j.metric.ptb.PtbTokenizer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

/** BLEU, ROUGE-L and CIDEr-D of a corpus of captions. */
public final class CaptionMetrics {

    private CaptionMetrics() {}

    /**
     * Scores captions that are tokenised already: tokens joined by one blank, lower-cased, without punctuation.
     *
     * @throws IllegalArgumentException if there is no item, or if several have the same id, naming those ids
     */
    public static CaptionScores score(List<CaptionItem> tokenised) {
        checkIds(tokenised);
        var corpus = new LinkedHashMap<String, Double>();
        var items = new LinkedHashMap<String, double[]>();

        var ngrams = NgramCorpus.of(tokenised);
        var bleu = Bleu.of(ngrams);
        for (int n = 1; n <= NgramCorpus.MAX_ORDER; n++) {
            corpus.put(Bleu.name(n), bleu.corpus()[n - 1]);
            items.put(Bleu.name(n), bleu.items()[n - 1]);
        }
        var rouge = RougeL.items(tokenised);
        corpus.put(RougeL.NAME, mean(rouge));
        items.put(RougeL.NAME, rouge);
        var cider = CiderD.items(ngrams);
        corpus.put(CiderD.NAME, mean(cider));
        items.put(CiderD.NAME, cider);
        var aggregation = Aggregation.of(
                tokenised.size(),
                List.of(
                        bleu.part(),
                        Aggregation.Part.mean(RougeL.NAME, rouge),
                        Aggregation.Part.mean(CiderD.NAME, cider)));
        return new CaptionScores(corpus, tokenised.stream().map(CaptionItem::id).toList(), items, aggregation);
    }

    /** The items with their texts tokenised, lower-cased and without punctuation: what {@link #score} expects. */
    public static List<CaptionItem> tokenize(List<CaptionItem> raw) {
        var tokenizer = new PtbTokenizer();
        return raw.stream()
                .map(item -> new CaptionItem(
                        item.id(),
                        tokenizer.tokenize(item.hypothesis()),
                        item.references().stream().map(tokenizer::tokenize).toList()))
                .toList();
    }

    private static void checkIds(List<CaptionItem> items) {
        if (items.isEmpty()) {
            throw new IllegalArgumentException("no items to score; expected at least one");
        }
        var seen = new HashSet<String>();
        var repeated = new LinkedHashSet<String>();
        for (var item : items) {
            if (!seen.add(item.id())) {
                repeated.add(item.id());
            }
        }
        if (!repeated.isEmpty()) {
            throw new IllegalArgumentException("%d ids occur more than once: %s; give each id one hypothesis"
                    .formatted(repeated.size(), Listing.of(repeated)));
        }
    }

    private static double mean(double[] scores) {
        double sum = 0;
        for (double score : scores) {
            sum += score;
        }
        return sum / scores.length;
    }
}
