package io.lavis4j.metric;

import java.util.List;
import java.util.Map;

/** Scores of a corpus and of its items. */
public interface CorpusScores {

    /** Metric to score. */
    Map<String, Double> corpus();

    /** The items, in the order of the arrays. */
    List<String> ids();

    /** Metric to one score per item; the corpus's need not be their mean. */
    Map<String, double[]> items();

    /** The numbers that a corpus's scores are made of, to score parts of it. */
    Aggregation aggregation();
}
