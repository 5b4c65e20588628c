package io.lavis4j.report;

import io.lavis4j.metric.CaptionFile;
import io.lavis4j.metric.CaptionItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The generated texts of one evaluation and the texts they are compared with: {@code <split>_epoch<label>.json} and
 * {@code <split>_epoch<label>_gt.json}.
 *
 * @param directory of both
 * @param split that was evaluated
 * @param label the epoch, {@code best}, or another name of weights
 */
record ResultFiles(Path directory, String split, String label) {

    private static final Pattern NAME = Pattern.compile("(.+?)_epoch(.+?)(_gt|_rank\\d+)?\\.json");
    private static final Pattern NUMBER = Pattern.compile("(?:\\d+_iters=)?(\\d{1,9})");

    /** All of a directory: by split, then epochs by number, then other labels. */
    static List<ResultFiles> in(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        var found = new ArrayList<ResultFiles>();
        try (var entries = Files.list(directory)) {
            entries.forEach(file -> {
                var name = NAME.matcher(file.getFileName().toString());
                if (name.matches() && name.group(3) == null) {
                    found.add(new ResultFiles(directory, name.group(1), name.group(2)));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be listed (%s)".formatted(directory.toAbsolutePath(), e), e);
        }
        found.sort(Comparator.comparing(ResultFiles::split)
                .thenComparingInt(ResultFiles::epoch)
                .thenComparing(ResultFiles::label));
        return found;
    }

    /** The number in the label, of an epoch or of iterations; beyond all numbers if it is a name. */
    int epoch() {
        var number = NUMBER.matcher(label);
        return number.matches() ? Integer.parseInt(number.group(1)) : Integer.MAX_VALUE;
    }

    Path texts() {
        return directory.resolve("%s_epoch%s.json".formatted(split, label));
    }

    private Path references() {
        return directory.resolve("%s_epoch%s_gt.json".formatted(split, label));
    }

    /**
     * Both sides joined, in the order of the references.
     *
     * @throws IllegalArgumentException if a file has another form or the ids differ
     * @throws UncheckedIOException if a file cannot be read
     */
    List<CaptionItem> read() {
        return CaptionItem.join(
                CaptionFile.read(texts()).hypotheses(),
                CaptionFile.read(references()).references());
    }

    /** The time at which the texts were written, ms. */
    long written() {
        try {
            return Files.getLastModifiedTime(texts()).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(texts().toAbsolutePath(), e), e);
        }
    }
}
