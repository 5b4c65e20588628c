package io.lavis4j.metric;

import io.lavis4j.metric.ptb.PtbTokenizer;
import java.util.LinkedHashMap;
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
        DistinctIds.require(tokenised.stream().map(CaptionItem::id).toList());
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

    /** The items with their texts tokenised, lower-cased and without punctuation, as {@link #score} expects them. */
    public static List<CaptionItem> tokenize(List<CaptionItem> raw) {
        var tokenizer = new PtbTokenizer();
        return raw.stream()
                .map(item -> new CaptionItem(
                        item.id(),
                        tokenizer.tokenize(item.hypothesis()),
                        item.references().stream().map(tokenizer::tokenize).toList()))
                .toList();
    }

    private static double mean(double[] scores) {
        double sum = 0;
        for (double score : scores) {
            sum += score;
        }
        return sum / scores.length;
    }
}
