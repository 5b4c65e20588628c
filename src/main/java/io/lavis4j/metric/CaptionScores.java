package io.lavis4j.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of a corpus and of its items, under LAVIS's names, in LAVIS's order.
 *
 * @param corpus metric to score: {@code Bleu_1} to {@code Bleu_4}, {@code ROUGE_L}, {@code CIDEr}
 * @param ids of the items, in the order of the arrays
 * @param items metric to one score per item
 * @param aggregation numbers that the corpus's scores are made of
 */
public record CaptionScores(
        Map<String, Double> corpus, List<String> ids, Map<String, double[]> items, Aggregation aggregation)
        implements CorpusScores {

    public CaptionScores {
        if (!corpus.keySet().equals(items.keySet())) {
            throw new IllegalArgumentException("corpus scores of %s, but item scores of %s; expected the same metrics"
                    .formatted(corpus.keySet(), items.keySet()));
        }
        for (var entry : items.entrySet()) {
            if (entry.getValue().length != ids.size()) {
                throw new IllegalArgumentException("%d item scores of %s for %d ids"
                        .formatted(entry.getValue().length, entry.getKey(), ids.size()));
            }
        }
        if (!List.copyOf(corpus.keySet()).equals(aggregation.metrics())) {
            throw new IllegalArgumentException("corpus scores of %s, but parts of %s; expected the same metrics"
                    .formatted(corpus.keySet(), aggregation.metrics()));
        }
        corpus = Collections.unmodifiableMap(new LinkedHashMap<>(corpus));
        ids = List.copyOf(ids);
        items = Collections.unmodifiableMap(new LinkedHashMap<>(items));
    }

    /** All scores of the item at {@code index}. */
    public Map<String, Double> item(int index) {
        var scores = new LinkedHashMap<String, Double>();
        items.forEach((metric, all) -> scores.put(metric, all[index]));
        return scores;
    }

    /** These scores and those of one more metric, the corpus's being the mean. */
    public CaptionScores with(String metric, double[] itemScores) {
        return with(itemScores, Aggregation.Part.mean(metric, itemScores));
    }

    /** These scores and those of one more metric. */
    public CaptionScores with(double[] itemScores, Aggregation.Part part) {
        var all = new int[ids.size()];
        Arrays.fill(all, 1);
        String metric = part.metrics().get(0);
        double corpusScore = part.formula().scores(part.sums(all), all.length)[0];
        var allCorpus = new LinkedHashMap<>(corpus);
        var allItems = new LinkedHashMap<>(items);
        allCorpus.put(metric, corpusScore);
        allItems.put(metric, itemScores);
        return new CaptionScores(allCorpus, ids, allItems, aggregation.and(part));
    }

    /** CIDEr + Bleu_4, LAVIS's {@code agg_metrics}, by which it keeps the best checkpoint. */
    public double aggregate() {
        return corpus.getOrDefault(CiderD.NAME, Double.NaN) + corpus.getOrDefault(Bleu.name(4), Double.NaN);
    }
}
