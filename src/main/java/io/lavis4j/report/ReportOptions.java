package io.lavis4j.report;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Choices about a report: the evaluation, the images and the intervals that it shows.
 *
 * @param split whose items are shown; {@code null} for the first validation split that has results, or else any
 * @param epoch label of the evaluation shown, as in the name of its result file: a number, or {@value #BEST}
 * @param rankBy score that best and worst items are chosen by
 * @param count images of each kind: best, worst, random
 * @param seed of the random images and the bootstrap
 * @param resamples of the bootstrap; 0 for no intervals
 * @param dataRoot folder that the data lie below, instead of the configured {@code data_root}; {@code null} for that
 */
public record ReportOptions(
        @Nullable String split,
        String epoch,
        String rankBy,
        int count,
        long seed,
        int resamples,
        @Nullable Path dataRoot) {

    /** The best epoch of the log, or the evaluation of the best checkpoint. */
    public static final String BEST = "best";

    /** The most images of a kind. */
    public static final int MAX_IMAGES = 500;

    public ReportOptions {
        require(count >= 0 && count <= MAX_IMAGES, "0 to %d images of a kind".formatted(MAX_IMAGES), count);
        require(resamples >= 0, "0 or more resamples", resamples);
    }

    private static void require(boolean holds, String expected, int found) {
        if (!holds) {
            throw new IllegalArgumentException("expected %s, got %d".formatted(expected, found));
        }
    }

    /** The best epoch, 8 images of a kind by CIDEr, intervals from 1,000 resamples. */
    public static ReportOptions defaults() {
        return new ReportOptions(null, BEST, "CIDEr", 8, 42, 1000, null);
    }
}
