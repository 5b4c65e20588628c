package io.lavis4j.check;

import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.runner.UsedSplit;
import java.util.Map;
import java.util.TreeMap;

/** The numbers of a split as they are counted. */
final class SplitTally {

    /** Values of a group that are counted each on their own; questions have more kinds than anybody reads. */
    private static final int VALUES = 100;

    private static final String OTHERS = "others";

    private final UsedSplit used;
    private final TextLengths.Sums lengths;
    private final LongTable ids = new LongTable();
    private final Map<String, Map<String, Long>> groups = new TreeMap<>();
    private long records;
    private long images;
    private long unreadable;
    private long regions;

    SplitTally(UsedSplit used, TextLengths texts) {
        this.used = used;
        lengths = texts.new Sums();
    }

    /** Lengths of the texts. */
    TextLengths.Sums lengths() {
        return lengths;
    }

    /** Whether another record has had an id. */
    boolean isKnown(String id) {
        return ids.putIfAbsent(Digest.of(id), 0) != LongTable.ABSENT;
    }

    void add(Sample sample) {
        regions += sample.regions().boxes().size();
        add(sample.texts());
    }

    void add(SampleTexts texts) {
        records++;
        texts.groups().forEach((group, value) -> {
            var values = groups.computeIfAbsent(group, g -> new TreeMap<>());
            boolean kept = values.size() < VALUES || values.containsKey(value);
            values.merge(kept ? value : OTHERS, 1L, Long::sum);
        });
    }

    void addImage(boolean readable) {
        images++;
        unreadable += readable ? 0 : 1;
    }

    SplitReport report(long leftOut) {
        return new SplitReport(
                used.dataset().name(),
                used.split(),
                used.training() ? "training" : "evaluation",
                records,
                leftOut,
                images,
                unreadable,
                regions,
                groups,
                lengths.summaries());
    }
}
