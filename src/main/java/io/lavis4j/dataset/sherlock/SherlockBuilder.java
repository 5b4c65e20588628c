package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.RecordFault;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes data sets of what a configuration names. Nothing is downloaded. */
public final class SherlockBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(SherlockBuilder.class);

    private SherlockBuilder() {}

    /**
     * Reads one split.
     *
     * @param training leaves faulty records out, and those below the least confidence; evaluation takes all records and
     *     fails on faulty ones
     * @throws AnnotationException if a file is not there or cannot be used
     */
    public static SherlockDataset build(SherlockConfig config, String split, boolean training) {
        String user = "data set %s, split %s".formatted(config.name(), split);
        var paths = config.files().locate(config.name(), split);
        var annotations = SherlockAnnotations.read(paths, training ? OnBroken.SKIP : OnBroken.FAIL);
        var leftOut = new ArrayList<>(
                annotations.faults().stream().map(RecordFault::toString).toList());
        var usable = usable(user, annotations.records(), training, config, leftOut);
        if (usable.isEmpty()) {
            throw new AnnotationException("%s: none of the records of %s can be used, %d are faulty"
                    .formatted(user, paths, annotations.skipped()));
        }
        LOG.info("{}: {} samples", user, usable.size());
        return new SherlockDataset(
                config.name(),
                usable,
                new SherlockPaths(config.files().imageRoots()),
                config.mapper(),
                config.regionMode(),
                leftOut);
    }

    private static List<SherlockRecord> usable(
            String user, List<SherlockRecord> records, boolean training, SherlockConfig config, List<String> leftOut) {
        var mapper = config.mapper();
        double minConfidence = config.minConfidence();
        var usable = new ArrayList<SherlockRecord>(records.size());
        var lacking = new ArrayList<RecordFault>();
        int unsure = 0;
        for (int i = 0; i < records.size(); i++) {
            var record = records.get(i);
            String lacks = mapper.lacks(record);
            var confidence = record.confidence();
            if (lacks != null) {
                lacking.add(new RecordFault(
                        "record " + i,
                        "instance_id " + record.instanceId(),
                        lacks,
                        "is unknown",
                        "a value, for this mapper"));
            } else if (training && minConfidence > 0 && (confidence == null || confidence < minConfidence)) {
                unsure++;
            } else {
                usable.add(record);
            }
        }
        if (!lacking.isEmpty()) {
            String message = "%s: %d of %d records lack what the mapper needs, the first is %s"
                    .formatted(user, lacking.size(), records.size(), lacking.get(0));
            if (!training) {
                throw new AnnotationException(message + ". Take them out of the file or choose another mapper.");
            }
            LOG.warn("{}; they are left out", message);
            lacking.forEach(fault -> leftOut.add(fault.toString()));
        }
        if (unsure > 0) {
            LOG.info("{}: left out {} records of confidence below {}", user, unsure, minConfidence);
        }
        return usable;
    }
}
