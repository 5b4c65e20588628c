package io.lavis4j.report;

import io.lavis4j.metric.Bootstrap;
import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.CaptionScores;
import io.lavis4j.metric.Interval;
import java.util.List;
import java.util.Map;

/**
 * The results of one evaluation, scored again.
 *
 * @param files they were read from
 * @param items texts as they were generated
 * @param scores of the items, in the same order
 * @param intervals by metric, 95 %; empty if they were not asked for
 */
record ScoredResults(
        ResultFiles files, List<CaptionItem> items, CaptionScores scores, Map<String, Interval> intervals) {

    ScoredResults {
        items = List.copyOf(items);
        intervals = Map.copyOf(intervals);
    }

    static ScoredResults of(ResultFiles files, ReportOptions options) {
        var items = files.read();
        var scores = CaptionMetrics.score(CaptionMetrics.tokenize(items));
        return new ScoredResults(
                files,
                items,
                scores,
                options.resamples() == 0
                        ? Map.of()
                        : new Bootstrap(options.resamples(), options.seed()).intervals(scores));
    }
}
