package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import java.nio.file.Path;
import java.util.List;
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
    private static final String EXPECTED = "a JSON list of records, as in sherlock_train_v1_1.json";

    private SherlockAnnotations() {}

    /**
     * Reads annotation files, one after the other; see {@link Annotations#read}.
     *
     * @throws io.lavis4j.dataset.AnnotationException if a file is not there or not a list of records, or has faulty
     *     records; it names up to 10 of these
     */
    public static Annotations<SherlockRecord> read(List<Path> files, OnBroken onFault) {
        var reader = new SherlockRecordReader();
        var read = Annotations.read(files, EXPECTED, onFault, reader);
        if (reader.notANumber() > 0) {
            LOG.warn("{} confidences in {} are not finite and count as unknown", reader.notANumber(), files);
        }
        return read;
    }

    /** Like {@link #read(List, OnBroken)} for one file. */
    public static Annotations<SherlockRecord> read(Path file, OnBroken onFault) {
        return read(List.of(file), onFault);
    }
}
