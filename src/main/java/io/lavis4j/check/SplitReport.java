package io.lavis4j.check;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of one split.
 *
 * @param dataset its name
 * @param split its name
 * @param use training or evaluation
 * @param records that are used
 * @param leftOut faulty records that are not
 * @param images different files, or samples of shards
 * @param unreadable of these, not there or not read
 * @param regions boxes
 * @param groups records by the value of what scores are broken down by: {@code confidence} to {@code 3} to a number
 * @param texts lengths of its texts
 */
public record SplitReport(
        String dataset,
        String split,
        String use,
        long records,
        long leftOut,
        long images,
        long unreadable,
        long regions,
        Map<String, Map<String, Long>> groups,
        List<TextSummary> texts) {

    public SplitReport {
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
        texts = List.copyOf(texts);
    }

    /** Data set and split. */
    public String name() {
        return dataset + " " + split;
    }

    /** In the order of the components. */
    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("dataset", dataset);
        map.put("split", split);
        map.put("use", use);
        map.put("records", records);
        map.put("left_out", leftOut);
        map.put("images", images);
        map.put("unreadable", unreadable);
        map.put("regions", regions);
        map.put("groups", groups);
        map.put("texts", texts.stream().map(TextSummary::asMap).toList());
        return map;
    }
}
