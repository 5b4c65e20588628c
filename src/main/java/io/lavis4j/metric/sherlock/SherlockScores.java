package io.lavis4j.metric.sherlock;

import java.util.List;
import java.util.Map;

/** The scores of one task: numbers by name, and the lines that the official scorer prints. */
public sealed interface SherlockScores permits RetrievalScores, LocalizationScores, ComparisonScores {

    /** Every number by its name, unrounded. */
    Map<String, Number> values();

    /** The official lines, numbers rounded as there. */
    List<String> lines();
}
