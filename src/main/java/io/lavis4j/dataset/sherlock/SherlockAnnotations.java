package io.lavis4j.dataset.sherlock;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.sherlock.SherlockRecordReader.FaultyValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of Sherlock's annotation files: JSON lists, in any order of fields, with further fields allowed.
 *
 * <p>Fractions of pixels are rounded half up; {@code clue} and {@code confidence} may be null or absent, and a
 * confidence of NaN counts as null. What a text may contain is not restricted.
 */
public final class SherlockAnnotations {
    private static final Logger LOG = LoggerFactory.getLogger(SherlockAnnotations.class);

    /** Faults spelt out in a message or the log; the rest is counted. */
    private static final int SPELT_OUT = 10;

    private static final ObjectReader TREES = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes NaN
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build()
            .readerFor(JsonNode.class);

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
     * @throws AnnotationException if a file is not there, no list of records, or has faulty records; it names up to 10
     *     of these
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

    /** What has been read so far. */
    private static final class Reading {
        private final OnBroken onFault;
        private final SherlockRecordReader reader = new SherlockRecordReader();
        private final List<SherlockRecord> records = new ArrayList<>();
        private final Map<String, Place> places = new HashMap<>();
        private int skipped;
        private int duplicates;

        /** Where an instance was found. */
        private record Place(Path file, int index) {}

        Reading(OnBroken onFault) {
            this.onFault = onFault;
        }

        void read(Path file) {
            if (!Files.isRegularFile(file)) {
                throw new AnnotationException("annotation file %s is not there; expected a JSON list of records"
                        .formatted(file.toAbsolutePath()));
            }
            var faults = new ArrayList<RecordFault>();
            duplicates = 0;
            int before = reader.notANumber(), count;
            try (var parser = TREES.getFactory().createParser(file.toFile())) {
                count = read(file, parser, faults);
            } catch (JsonProcessingException e) {
                throw unreadable(file, e.getLocation(), e.getOriginalMessage(), e);
            } catch (IOException e) { // among them characters in no known encoding
                throw unreadable(file, null, String.valueOf(e.getMessage()), e);
            }
            if (reader.notANumber() > before) {
                LOG.warn("{} confidences in {} are NaN and count as unknown", reader.notANumber() - before, file);
            }
            if (duplicates > SPELT_OUT) {
                LOG.warn("{} records of {} have the instance_id of another; all are used", duplicates, file);
            }
            if (!faults.isEmpty()) {
                report(file, faults, count);
            }
        }

        private int read(Path file, JsonParser parser, List<RecordFault> faults) throws IOException {
            var first = parser.nextToken();
            if (first != JsonToken.START_ARRAY) {
                throw unreadable(
                        file,
                        parser.currentTokenLocation(),
                        first == null ? "the file is empty" : "found " + found(parser) + " at the start",
                        null);
            }
            int index = 0;
            for (; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                add(file, index, TREES.readTree(parser), faults);
            }
            if (parser.nextToken() != null) {
                throw unreadable(
                        file, parser.currentTokenLocation(), "found " + found(parser) + " after the list", null);
            }
            if (index == 0) {
                throw unreadable(file, parser.currentTokenLocation(), "the list has no records", null);
            }
            return index;
        }

        private static String found(JsonParser parser) throws IOException {
            return SherlockRecordReader.quoted(parser.getText());
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
            int more = faults.size() - Math.min(faults.size(), SPELT_OUT);
            if (onFault == OnBroken.FAIL) {
                var message = new StringBuilder("%d of the %d records of %s cannot be used:"
                        .formatted(faults.size(), count, file.toAbsolutePath()));
                faults.stream()
                        .limit(SPELT_OUT)
                        .forEach(fault -> message.append("\n  ").append(fault));
                message.append(more == 0 ? "" : "\n  and " + more + " more");
                throw new AnnotationException(message.append("\nCorrect these records or take them out of the file.")
                        .toString());
            }
            skipped += faults.size();
            faults.stream().limit(SPELT_OUT).forEach(fault -> LOG.warn("Left out of {}: {}", file, fault));
            LOG.warn("Left out {} of the {} records of {}", faults.size(), count, file);
        }

        private static AnnotationException unreadable(
                Path file, @Nullable JsonLocation location, String problem, @Nullable Exception cause) {
            String place = location == null
                    ? ""
                    : ", line %d, column %d (byte %d)"
                            .formatted(
                                    location.getLineNr(),
                                    Math.max(1, location.getColumnNr()),
                                    Math.max(0, location.getByteOffset()));
            String message = ("%s%s: %s; expected a JSON list of records in UTF-8, as in sherlock_train_v1_1.json."
                            + " Unpack or download the file again.")
                    .formatted(
                            file.toAbsolutePath(),
                            place,
                            problem.lines().findFirst().orElse(""));
            return cause == null ? new AnnotationException(message) : new AnnotationException(message, cause);
        }
    }
}
