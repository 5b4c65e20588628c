package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import io.lavis4j.dataset.record.RecordFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes data sets of what a configuration names. Nothing is downloaded. */
public final class SherlockBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(SherlockBuilder.class);

    private SherlockBuilder() {}

    /**
     * Reads one split.
     *
     * @param training leaves faulty records out, and those below the least confidence, and weighs the others;
     *     evaluation takes all records of the chosen validation splits, and fails on faulty ones
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
            throw new AnnotationException("%s: none of the records of %s can be used, %d are faulty%s%s"
                    .formatted(
                            user,
                            paths,
                            annotations.skipped(),
                            leftOut.isEmpty() ? "" : ", the first: " + leftOut.get(0),
                            training ? sure(config, annotations) : asked(config, annotations)));
        }
        LOG.info("{}: {} samples", user, usable.size());
        return new SherlockDataset(
                config.name(),
                usable,
                new SherlockPaths(config.files().imageRoots()),
                config.mapper(),
                config.regionMode(),
                new SherlockDataset.Use(training ? config.choice()::weight : record -> 1, leftOut));
    }

    /** For messages: what min_confidence asks for and what there is. */
    private static String sure(SherlockConfig config, Annotations<SherlockRecord> annotations) {
        double least = config.choice().minConfidence();
        var there = new TreeSet<Double>();
        annotations
                .records()
                .forEach(record -> Optional.ofNullable(record.confidence()).ifPresent(there::add));
        return least <= 0 ? "" : "; min_confidence is %s, and the records have %s".formatted(least, there);
    }

    /** For messages: what split_idx asks for and what there is. */
    private static String asked(SherlockConfig config, Annotations<SherlockRecord> annotations) {
        var asked = config.choice().splitIdx();
        var there = new TreeSet<Integer>();
        annotations
                .records()
                .forEach(record -> Optional.ofNullable(record.splitIdx()).ifPresent(there::add));
        return asked.isEmpty() ? "" : "; split_idx is %s, and the records have %s".formatted(asked, there);
    }

    private static List<SherlockRecord> usable(
            String user, List<SherlockRecord> records, boolean training, SherlockConfig config, List<String> leftOut) {
        var mapper = config.mapper();
        var choice = config.choice();
        var usable = new ArrayList<SherlockRecord>(records.size());
        var lacking = new ArrayList<RecordFault>();
        int unsure = 0;
        for (int i = 0; i < records.size(); i++) {
            var record = records.get(i);
            String lacks = mapper.lacks(record);
            if (!training && !choice.isEvaluated(record)) {
                continue;
            }
            if (lacks != null) {
                lacking.add(new RecordFault(
                        "record " + i,
                        "instance_id " + record.instanceId(),
                        lacks,
                        "is unknown",
                        "a value, for this mapper"));
            } else if (training && !choice.isSure(record)) {
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
            LOG.info("{}: left out {} records of confidence below {}", user, unsure, choice.minConfidence());
        }
        return usable;
    }
}
