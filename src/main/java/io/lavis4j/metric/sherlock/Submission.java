package io.lavis4j.metric.sherlock;

import io.lavis4j.io.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A submission to the leaderboard: a zip file that must be called {@value #FILE}, with one {@code .npy} array for each
 * task or split in a folder {@value #FOLDER}.
 *
 * @param arrays by name, as {@link SubmissionLayout} has them
 */
public record Submission(Map<String, NpyArray> arrays) {

    /** The name that the leaderboard asks of the file. */
    public static final String FILE = "test_set_predictions.zip";

    static final String FOLDER = "test_set_predictions/";
    static final String EXTENSION = ".npy";

    /** The first of January 1980, so that equal scores make equal files. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    public Submission {
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
        arrays.forEach((name, array) -> {
            SubmissionLayout.requireName(name);
            int nan = array.firstNaN();
            if (nan >= 0) {
                throw new IllegalArgumentException(
                        "the score at index %d of %s is NaN; expected numbers".formatted(nan, name));
            }
        });
    }

    /** Scores in the order of the sorted test ids, as {@code float32}. */
    public static NpyArray array(Map<String, Float> scores) {
        float[] sorted = new float[scores.size()];
        int next = 0;
        for (float score : new TreeMap<>(scores).values()) {
            sorted[next++] = score;
        }
        return NpyArray.float32(sorted);
    }

    /**
     * Writes the zip file in one step: until it is whole, what was there before stays.
     *
     * @throws IllegalArgumentException if it is called otherwise than {@value #FILE}
     * @throws UncheckedIOException if it cannot be written
     */
    public void write(Path file) {
        requireName(file);
        AtomicFile.write(file, out -> {
            var zip = new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(out)));
            for (var array : arrays.entrySet()) {
                var entry = new ZipEntry(FOLDER + array.getKey() + EXTENSION);
                entry.setTimeLocal(TIME);
                zip.putNextEntry(entry);
                zip.write(array.getValue().bytes());
                zip.closeEntry();
            }
            zip.finish();
            zip.flush();
        });
    }

    /**
     * Checks the name of the file before scores are computed for it.
     *
     * @throws IllegalArgumentException if it is not {@value #FILE}
     */
    public static void requireName(Path file) {
        if (file.getFileName() == null || !file.getFileName().toString().equals(FILE)) {
            throw new IllegalArgumentException(
                    "%s: the leaderboard takes only a file called %s; name it so".formatted(file, FILE));
        }
    }
}
