package io.lavis4j.report;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetType;
import io.lavis4j.dataset.sherlock.SherlockBuilder;
import io.lavis4j.dataset.sherlock.SherlockConfig;
import io.lavis4j.dataset.sherlock.SherlockGroups;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import io.lavis4j.dataset.sherlock.SherlockRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The annotations of the split that is shown, by instance id.
 *
 * @param records empty if they are not known
 * @param imageRoots folders of images; empty if they are not known
 */
record SplitRecords(Map<String, SherlockRecord> records, List<Path> imageRoots) {

    /** Group of an item whose record is not known. */
    private static final String UNKNOWN = "unknown";

    SplitRecords {
        records = Map.copyOf(records);
        imageRoots = List.copyOf(imageRoots);
    }

    static SplitRecords none() {
        return new SplitRecords(Map.of(), List.of());
    }

    /**
     * Reads what a run's configuration names.
     *
     * @throws io.lavis4j.config.ConfigException if the configuration does not say where the data lie
     * @throws io.lavis4j.dataset.AnnotationException if they cannot be read
     * @throws IllegalArgumentException if the data set has no such split
     */
    static SplitRecords read(Configuration config, String split) {
        var dataset = config.bind(root -> root.section("datasets").read(all -> dataset(all, config.dataRoot(), split)));
        var records = new HashMap<String, SherlockRecord>();
        for (var record : SherlockBuilder.build(dataset.withMapper((record, text) -> record.inference()), split, false)
                .annotations()) {
            records.putIfAbsent(record.instanceId(), record);
        }
        return new SplitRecords(records, dataset.files().imageRoots());
    }

    /** The annotated data set that has the split. */
    private static SherlockConfig dataset(Section datasets, @Nullable Path dataRoot, String split) {
        var found = new ArrayList<SherlockConfig>();
        datasets.sections()
                .forEach((name, entry) -> entry.read(section -> {
                    var config = section.incomplete() ? null : DatasetType.read(name, section, dataRoot);
                    if (config instanceof SherlockConfig annotated
                            && annotated.splits().contains(split)) {
                        found.add(annotated);
                    }
                    return config;
                }));
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no data set of %s has annotations of split %s"
                    .formatted(datasets.sections().keySet(), split));
        }
        return found.get(0);
    }

    /** An item's record, {@code null} if it is not known. */
    @Nullable
    SherlockRecord of(String id) {
        return records.get(id);
    }

    /**
     * The file of a record's image.
     *
     * @throws IllegalArgumentException if no file can be meant
     */
    Path image(SherlockRecord record) {
        return new SherlockPaths(imageRoots).file(record.url());
    }

    /** Keys that items are grouped by, as {@code confidence}; empty if no record is known. */
    List<String> groupKeys() {
        return records.isEmpty()
                ? List.of()
                : List.of(SherlockGroups.values()).stream()
                        .map(SherlockGroups::key)
                        .toList();
    }

    /** An item's group by every key. */
    Map<String, String> groups(String id) {
        var record = of(id);
        var groups = new LinkedHashMap<String, String>();
        for (var by : records.isEmpty() ? new SherlockGroups[0] : SherlockGroups.values()) {
            groups.put(by.key(), record == null ? UNKNOWN : by.of(record));
        }
        return groups;
    }
}
