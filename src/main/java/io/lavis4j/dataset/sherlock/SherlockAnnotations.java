package io.lavis4j.dataset.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.sherlock.SherlockRecordReader.FaultyValueException;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.Listing;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of Sherlock's annotation files: JSON lists, in any order of fields, with further fields allowed.
 *
 * <p>Fractions of pixels are rounded half up; {@code clue} and {@code confidence} may be null or absent, and a
 * confidence of NaN counts as null. Texts may contain anything but half of a surrogate pair, which has no tokens.
 */
public final class SherlockAnnotations {
    private static final Logger LOG = LoggerFactory.getLogger(SherlockAnnotations.class);

    /** Faults spelt out in a message or the log; the rest is counted. */
    private static final int SPELT_OUT = 10;

    private static final String EXPECTED = "a JSON list of records, as in sherlock_train_v1_1.json";

    private final List<SherlockRecord> records;
    private final int skipped;

    private SherlockAnnotations(List<SherlockRecord> records, int skipped) {
        this.records = List.copyOf(records);
        this.skipped = skipped;
    }

    /** The sound records of all files in their order. */
    public List<SherlockRecord> records() {
        return records;
    }

    /** How many records were left out. */
    public int skipped() {
        return skipped;
    }

    /**
     * Reads annotation files, one after the other.
     *
     * @param onFault whether a faulty record ends the reading or is left out; two records of one {@code instance_id}
     *     are a fault only if it ends the reading, else both stay, with a warning
     * @throws AnnotationException if a file is not there or not a list of records, or has faulty records; it names up
     *     to 10 of these
     */
    public static SherlockAnnotations read(List<Path> files, OnBroken onFault) {
        var reading = new Reading(onFault);
        files.forEach(reading::read);
        return new SherlockAnnotations(reading.records, reading.skipped);
    }

    /** Like {@link #read(List, OnBroken)} for one file. */
    public static SherlockAnnotations read(Path file, OnBroken onFault) {
        return read(List.of(file), onFault);
    }

    /** The records read so far. */
    private static final class Reading {
        private final OnBroken onFault;
        private final SherlockRecordReader reader = new SherlockRecordReader();
        private final List<SherlockRecord> records = new ArrayList<>();
        private final Map<String, Place> places = new HashMap<>();
        private int skipped;
        private int duplicates;

        /** The place of an instance. */
        private record Place(Path file, int index) {}

        Reading(OnBroken onFault) {
            this.onFault = onFault;
        }

        void read(Path file) {
            var faults = new ArrayList<RecordFault>();
            duplicates = 0;
            int before = reader.notANumber();
            int count = read(file, faults);
            if (reader.notANumber() > before) {
                LOG.warn(
                        "{} confidences in {} are not finite and count as unknown", reader.notANumber() - before, file);
            }
            if (duplicates > SPELT_OUT) {
                LOG.warn("{} records of {} have the instance_id of another; all are used", duplicates, file);
            }
            if (!faults.isEmpty()) {
                report(file, faults, count);
            }
        }

        private int read(Path file, List<RecordFault> faults) {
            try {
                int count = JsonFile.of(file, EXPECTED).elements((node, index) -> add(file, index, node, faults));
                if (count == 0) {
                    throw new AnnotationException(
                            "%s: the list is empty; expected %s".formatted(file.toAbsolutePath(), EXPECTED));
                }
                return count;
            } catch (UncheckedIOException e) {
                throw new AnnotationException(e);
            }
        }

        private void add(Path file, int index, JsonNode node, List<RecordFault> faults) {
            try {
                var record = reader.read(node);
                var known = places.putIfAbsent(record.instanceId(), new Place(file, index));
                if (known != null) {
                    duplicate(file, index, record, known, faults);
                }
                records.add(record);
            } catch (FaultyValueException e) {
                faults.add(e.at(index, SherlockRecordReader.instanceId(node)));
            }
        }

        private void duplicate(Path file, int index, SherlockRecord record, Place known, List<RecordFault> faults) {
            String other = "record " + known.index() + (known.file().equals(file) ? "" : " of " + known.file());
            if (onFault == OnBroken.FAIL) {
                faults.add(new RecordFault(
                        index,
                        record.instanceId(),
                        "instance_id",
                        "is that of " + other + " too",
                        "one of its own, because results are keyed by it"));
            } else if (duplicates++ < SPELT_OUT) {
                LOG.warn("Record {} of {} has the instance_id of {}; both are used", index, file, other);
            }
        }

        private void report(Path file, List<RecordFault> faults, int count) {
            if (onFault == OnBroken.FAIL) {
                throw new AnnotationException(
                        "%d of the %d records of %s cannot be used:%s\nCorrect these records or take them out of the file."
                                .formatted(
                                        faults.size(), count, file.toAbsolutePath(), Listing.lines(faults, SPELT_OUT)));
            }
            skipped += faults.size();
            faults.stream().limit(SPELT_OUT).forEach(fault -> LOG.warn("Left out of {}: {}", file, fault));
            LOG.warn("Left out {} of the {} records of {}", faults.size(), count, file);
        }
    }
}
