package io.lavis4j.metric.sherlock;

import java.util.Arrays;

/**
 * The one-to-one assignment of rows to columns with the largest total, by shortest augmenting paths (R. Jonker and A.
 * Volgenant, Computing 38, 1987); cubic time.
 */
final class Assignment {

    private static final int NONE = -1;

    private Assignment() {}

    /**
     * Assigns.
     *
     * @param scores (n, n), finite
     * @return the column of each row
     */
    static int[] largest(double[][] scores) {
        int n = scores.length;
        double[] rowPrice = new double[n], columnPrice = new double[n];
        int[] columnOf = new int[n], rowOf = new int[n];
        Arrays.fill(columnOf, NONE);
        Arrays.fill(rowOf, NONE);
        for (int row = 0; row < n; row++) {
            augment(scores, row, rowPrice, columnPrice, columnOf, rowOf);
        }
        return columnOf;
    }

    /** Finds the cheapest way to give {@code start} a column too, where costs are scores with the sign changed. */
    private static void augment(
            double[][] scores, int start, double[] rowPrice, double[] columnPrice, int[] columnOf, int[] rowOf) {
        int n = scores.length;
        double[] distance = new double[n];
        int[] cameFrom = new int[n];
        boolean[] done = new boolean[n];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);

        int row = start, sink = NONE;
        double reached = 0;
        while (sink == NONE) {
            int nearest = NONE;
            for (int column = 0; column < n; column++) {
                if (done[column]) {
                    continue;
                }
                double through = reached - scores[row][column] - rowPrice[row] - columnPrice[column];
                if (through < distance[column]) {
                    distance[column] = through;
                    cameFrom[column] = row;
                }
                if (nearest == NONE || distance[column] < distance[nearest]) {
                    nearest = column;
                }
            }
            reached = distance[nearest];
            done[nearest] = true;
            if (rowOf[nearest] == NONE) {
                sink = nearest;
            } else {
                row = rowOf[nearest];
            }
        }
        for (int column = 0; column < n; column++) {
            if (done[column] && column != sink) {
                rowPrice[rowOf[column]] += reached - distance[column];
                columnPrice[column] -= reached - distance[column];
            }
        }
        rowPrice[start] += reached;
        for (int column = sink, at = NONE; at != start; ) {
            at = cameFrom[column];
            rowOf[column] = at;
            int next = columnOf[at];
            columnOf[at] = column;
            column = next;
        }
    }
}
