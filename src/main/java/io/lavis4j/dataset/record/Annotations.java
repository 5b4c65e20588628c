package io.lavis4j.dataset.record;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
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
 * The records of annotation files.
 *
 * @param records the sound ones of all files in their order
 * @param faults of those that were left out
 */
public record Annotations<R>(List<R> records, List<RecordFault> faults) {

    private static final Logger LOG = LoggerFactory.getLogger(Annotations.class);

    /** Faults spelt out in a message or the log; the rest is counted. */
    private static final int SPELT_OUT = 10;

    public Annotations {
        records = List.copyOf(records);
        faults = List.copyOf(faults);
    }

    /** How many records were left out. */
    public int skipped() {
        return faults.size();
    }

    /**
     * Reads annotation files, one after the other.
     *
     * @param expected for messages: {@code a JSON list of records}
     * @param onFault whether a faulty record ends the reading or is left out; two records of one id are a fault only if
     *     it ends the reading, else both stay, with a warning
     * @throws AnnotationException if a file is not there or not of records, or has faulty ones; it names up to 10
     */
    public static <R> Annotations<R> read(List<Path> files, String expected, OnBroken onFault, RecordReader<R> reader) {
        var reading = new Reading<>(expected, onFault, reader);
        files.forEach(reading::read);
        return new Annotations<>(reading.records, reading.left);
    }

    /** The records read so far. */
    private static final class Reading<R> {
        private final String expected;
        private final OnBroken onFault;
        private final RecordReader<R> reader;
        private final List<R> records = new ArrayList<>();
        private final List<RecordFault> left = new ArrayList<>();
        private final Map<String, Place> places = new HashMap<>();
        private int duplicates;

        /** The place of an id. */
        private record Place(Path file, String place) {}

        Reading(String expected, OnBroken onFault, RecordReader<R> reader) {
            this.expected = expected;
            this.onFault = onFault;
            this.reader = reader;
        }

        void read(Path file) {
            var faults = new ArrayList<RecordFault>();
            duplicates = 0;
            int count = read(file, faults);
            if (duplicates > SPELT_OUT) {
                LOG.warn("{} records of {} have the {} of another; all are used", duplicates, file, reader.idKey());
            }
            if (!faults.isEmpty()) {
                report(file, faults, count);
            }
        }

        private int read(Path file, List<RecordFault> faults) {
            try {
                int count = RecordFile.of(file, expected, reader.isKeyed())
                        .each((place, fields) -> add(file, place, fields, faults));
                if (count == 0) {
                    throw new AnnotationException(
                            "%s: the list is empty; expected %s".formatted(file.toAbsolutePath(), expected));
                }
                return count;
            } catch (UncheckedIOException e) {
                throw new AnnotationException(e);
            }
        }

        private void add(Path file, String place, RecordFile.Entry fields, List<RecordFault> faults) {
            try {
                var record = reader.read(fields.read());
                var id = reader.id(record);
                var known = id == null ? null : places.putIfAbsent(id, new Place(file, place));
                if (id != null && known != null) {
                    duplicate(file, place, id, known, faults);
                }
                records.add(record);
            } catch (FaultyValueException e) {
                faults.add(e.at(place, fields.named(reader.idKey())));
            }
        }

        private void duplicate(Path file, String place, String id, Place known, List<RecordFault> faults) {
            String key = reader.idKey();
            String other = known.place() + (known.file().equals(file) ? "" : " of " + known.file());
            if (onFault == OnBroken.FAIL) {
                faults.add(new RecordFault(
                        place,
                        key + " " + id,
                        key,
                        "is that of " + other + " too",
                        "one of its own, because results are keyed by it"));
            } else if (duplicates++ < SPELT_OUT) {
                LOG.warn("{} of {} has the {} of {}; both are used", capitalized(place), file, key, other);
            }
        }

        private static String capitalized(String text) {
            return Character.toUpperCase(text.charAt(0)) + text.substring(1);
        }

        private void report(Path file, List<RecordFault> faults, int count) {
            if (onFault == OnBroken.FAIL) {
                throw new AnnotationException(
                        "%d of the %d records of %s cannot be used:%s\nCorrect these records or take them out of the file."
                                .formatted(
                                        faults.size(), count, file.toAbsolutePath(), Listing.lines(faults, SPELT_OUT)));
            }
            left.addAll(faults);
            faults.stream().limit(SPELT_OUT).forEach(fault -> LOG.warn("Left out of {}: {}", file, fault));
            LOG.warn("Left out {} of the {} records of {}", faults.size(), count, file);
        }
    }
}
