package io.lavis4j.metric.sherlock;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The arrays of a submission and their lengths.
 *
 * @param lengths by name, {@code comparison}, {@code localization}, {@code retrieval_0} to {@code retrieval_22}: how
 *     many test ids each has
 */
public record SubmissionLayout(Map<String, Integer> lengths) {

    /** The array that every submission must have. */
    public static final String COMPARISON = "comparison";

    /** The array of localization. */
    public static final String LOCALIZATION = "localization";

    /** Retrieval has this many splits, numbered from 0. */
    public static final int RETRIEVAL_SPLITS = 23;

    private static final Pattern NAME = Pattern.compile("comparison|localization|retrieval_(\\d|1\\d|2[012])");

    /** Regions, and texts, of each retrieval split of the test set: the array has their square. */
    private static final int[] TEST_REGIONS = {
        1000, 989, 996, 1004, 982, 989, 996, 991, 988, 992, 992, 1000, 997, 990, 988, 987, 998, 983, 996, 983, 985, 992,
        998
    };

    private static final int TEST_COMPARISON = 4719;
    private static final int TEST_LOCALIZATION = 2365256;

    public SubmissionLayout {
        lengths = Collections.unmodifiableMap(new LinkedHashMap<>(lengths));
        for (String name : lengths.keySet()) {
            requireName(name);
        }
    }

    /** @throws IllegalArgumentException if no array is called so */
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "expected an array called comparison, localization or retrieval_0 to retrieval_%d, got \"%s\""
                            .formatted(RETRIEVAL_SPLITS - 1, name));
        }
    }

    /** The leaderboard's test set. */
    public static SubmissionLayout testSet() {
        var lengths = new LinkedHashMap<String, Integer>();
        lengths.put(COMPARISON, TEST_COMPARISON);
        lengths.put(LOCALIZATION, TEST_LOCALIZATION);
        for (int split = 0; split < RETRIEVAL_SPLITS; split++) {
            lengths.put(retrieval(split), TEST_REGIONS[split] * TEST_REGIONS[split]);
        }
        return new SubmissionLayout(lengths);
    }

    /** The array of a retrieval split. */
    public static String retrieval(int split) {
        return "retrieval_" + split;
    }
}
