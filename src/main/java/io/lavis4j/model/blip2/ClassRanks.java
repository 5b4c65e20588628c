package io.lavis4j.model.blip2;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Candidates of {@code predict_class} by their losses. */
final class ClassRanks {

    private ClassRanks() {}

    /** For each image the indices of its candidates, the smallest loss first. */
    static int[][] of(double[][] losses) {
        return Arrays.stream(losses).map(ClassRanks::of).toArray(int[][]::new);
    }

    /** Indices of losses, the smallest first. */
    static int[] of(double[] losses) {
        return IntStream.range(0, losses.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> losses[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Refuses a number of lists that is not the number of images, and no segment at all. */
    static void requireCandidates(int images, List<List<String>> candidates, int segments) {
        if (candidates.size() != images || segments < 1) {
            throw new IllegalArgumentException(
                    "expected candidates of each of %d images and at least 1 segment, got %d and %d"
                            .formatted(images, candidates.size(), segments));
        }
    }

    /** Candidates in a segment; the last may have fewer. */
    static int perSegment(int candidates, int segments) {
        return Math.max(1, (candidates + segments - 1) / segments);
    }
}
