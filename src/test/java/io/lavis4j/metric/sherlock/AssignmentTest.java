package io.lavis4j.metric.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignmentTest {

    private static double total(double[][] scores, int[] columns) {
        return IntStream.range(0, columns.length)
                .mapToDouble(row -> scores[row][columns[row]])
                .sum();
    }

    /** The largest total over all permutations of the columns from {@code row} on. */
    private static double bruteForce(double[][] scores, int row, boolean[] taken) {
        if (row == scores.length) {
            return 0;
        }
        double best = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < scores.length; column++) {
            if (!taken[column]) {
                taken[column] = true;
                best = Math.max(best, scores[row][column] + bruteForce(scores, row + 1, taken));
                taken[column] = false;
            }
        }
        return best;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theTotalIsTheLargestOfAllPermutations(int n) {
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            boolean ties = seed % 3 == 0;
            double[][] scores = IntStream.range(0, n)
                    .mapToObj(row -> random.doubles(n, -2, 2)
                            .map(score -> ties ? Math.rint(score) : score)
                            .toArray())
                    .toArray(double[][]::new);
            int[] columns = Assignment.largest(scores);
            assertThat(IntStream.of(columns).sorted().toArray())
                    .as("seed %d", seed)
                    .isEqualTo(IntStream.range(0, n).toArray());
            assertThat(total(scores, columns))
                    .as("seed %d", seed)
                    .isCloseTo(bruteForce(scores, 0, new boolean[n]), within(1e-12));
        }
    }

    @Test
    void theLargestScoreIsGivenUpWhereTheRestIsWorthMore() {
        assertThat(Assignment.largest(new double[][] {{10, 9}, {9, 0}})).containsExactly(1, 0);
    }

    /** Solutions of lapjv 1.3, which the official scorer uses. */
    @Test
    void ofEqualTotalsTheReferencesIsFound() {
        assertThat(Assignment.largest(new double[2][2])).containsExactly(1, 0);
        assertThat(Assignment.largest(new double[3][3])).containsExactly(2, 0, 1);
        assertThat(Assignment.largest(new double[4][4])).containsExactly(3, 0, 1, 2);
        assertThat(Assignment.largest(new double[5][5])).containsExactly(4, 0, 3, 1, 2);
        assertThat(Assignment.largest(new double[][] {{0, 1, 1, 0}, {1, 1, 1, 1}, {1, 1, 1, 0}, {0, 1, 0, 0}}))
                .containsExactly(2, 3, 0, 1);
        assertThat(Assignment.largest(new double[][] {{1, 0, 1, 1}, {0, 1, 1, 0}, {0, 1, 0, 1}, {1, 1, 1, 1}}))
                .containsExactly(2, 1, 3, 0);
    }

    @Test
    void aHundredBoxesAreAssignedToTheirOwn() {
        int n = 100;
        var random = new Random(7);
        int[] own = IntStream.range(0, n).map(row -> (row * 37 + 5) % n).toArray();
        double[][] scores = new double[n][n];
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                scores[row][column] = random.nextDouble() + (column == own[row] ? 1.01 : 0);
            }
        }
        assertThat(Assignment.largest(scores)).isEqualTo(own);
    }
}
