package io.lavis4j.metric.sherlock;

import java.util.Arrays;

/**
 * The one-to-one assignment of rows to columns with the largest total (R. Jonker and A. Volgenant, "A shortest
 * augmenting path algorithm for dense and sparse linear assignment problems", Computing 38, 1987): column reduction,
 * reduction transfer, augmenting row reduction, augmentation. Cubic time.
 *
 * <p>Of several largest assignments it finds the one that the paper's order of steps leads to, as the official scorer
 * does: equal scores are common where an image has the same inference twice.
 */
final class Assignment {

    private static final int NONE = -1;

    private final int n;
    private final double[][] scores;
    private final double[] price; // of columns
    private final int[] columnOf;
    private final int[] rowOf;

    private Assignment(double[][] scores) {
        this.scores = scores;
        n = scores.length;
        price = new double[n];
        columnOf = new int[n];
        rowOf = new int[n];
        Arrays.fill(columnOf, NONE);
        Arrays.fill(rowOf, NONE);
    }

    /**
     * Assigns.
     *
     * @param scores (n, n), finite
     * @return the column of each row
     */
    static int[] largest(double[][] scores) {
        var assignment = new Assignment(scores);
        int[] free = assignment.reduceColumns();
        for (int pass = 0; pass < 2; pass++) {
            free = assignment.reduceRows(free);
        }
        for (int row : free) {
            assignment.new Path(row).augment();
        }
        return assignment.columnOf;
    }

    /** Costs are scores with the sign changed. */
    private double reducedCost(int row, int column) {
        return -scores[row][column] - price[column];
    }

    /** Gives each column to the row where it is cheapest; returns the rows that get none. */
    private int[] reduceColumns() {
        int[] wanted = new int[n];
        for (int column = n - 1; column >= 0; column--) {
            int cheapest = 0;
            for (int row = 1; row < n; row++) {
                if (scores[row][column] > scores[cheapest][column]) {
                    cheapest = row;
                }
            }
            price[column] = -scores[cheapest][column];
            if (++wanted[cheapest] == 1) {
                assign(cheapest, column);
            }
        }
        int[] free = new int[n];
        int count = 0;
        for (int row = 0; row < n; row++) {
            if (wanted[row] == 0) {
                free[count++] = row;
            } else if (wanted[row] == 1 && n > 1) {
                price[columnOf[row]] -= secondCheapest(row, columnOf[row]);
            }
        }
        return Arrays.copyOf(free, count);
    }

    private double secondCheapest(int row, int first) {
        double least = Double.POSITIVE_INFINITY;
        for (int column = 0; column < n; column++) {
            if (column != first) {
                least = Math.min(least, reducedCost(row, column));
            }
        }
        return least;
    }

    /** Lets each free row take its cheapest column, which may free another row; returns the rows still free. */
    private int[] reduceRows(int[] rows) {
        int[] queue = rows.clone(), free = new int[n];
        int count = 0;
        for (int at = 0; at < queue.length; ) {
            int row = queue[at++], first = 0, second = NONE;
            double least = reducedCost(row, 0), next = Double.POSITIVE_INFINITY;
            for (int column = 1; column < n; column++) {
                double cost = reducedCost(row, column);
                if (cost < least) {
                    second = first;
                    next = least;
                    first = column;
                    least = cost;
                } else if (cost < next) {
                    second = column;
                    next = cost;
                }
            }
            int taken = first;
            if (least < next) {
                price[first] -= next - least;
            } else if (rowOf[first] != NONE) {
                taken = second;
            }
            int displaced = rowOf[taken];
            assign(row, taken);
            if (displaced != NONE && least < next) {
                queue[--at] = displaced;
            } else if (displaced != NONE) {
                free[count++] = displaced;
            }
        }
        return Arrays.copyOf(free, count);
    }

    private void assign(int row, int column) {
        columnOf[row] = column;
        rowOf[column] = row;
    }

    /** The cheapest way from a free row to a free column, over rows that give their column up for another. */
    private final class Path {

        private final int start;
        private final double[] distance = new double[n];
        private final int[] cameFrom = new int[n];

        /** Columns: before {@code done} settled, before {@code near} at distance {@code least}, then the others. */
        private final int[] columns = new int[n];

        private int done;
        private int near;
        private int settled;
        private double least;

        Path(int start) {
            this.start = start;
            Arrays.fill(cameFrom, start);
            Arrays.setAll(columns, column -> column);
            Arrays.setAll(distance, column -> reducedCost(start, column));
        }

        void augment() {
            int end = NONE;
            while (end == NONE) {
                if (near == done) {
                    settled = done;
                    end = findNearest();
                }
                if (end == NONE) {
                    end = scan();
                }
            }
            for (int i = 0; i < settled; i++) {
                price[columns[i]] += distance[columns[i]] - least;
            }
            int row;
            do {
                row = cameFrom[end];
                int given = columnOf[row];
                assign(row, end);
                end = given;
            } while (row != start);
        }

        /** Moves the columns at the least distance forward; returns a free one among them. */
        private int findNearest() {
            least = distance[columns[near++]];
            for (int i = near; i < n; i++) {
                double other = distance[columns[i]];
                if (other < least) {
                    near = done;
                    least = other;
                }
                if (other == least) {
                    swap(i, near++);
                }
            }
            for (int i = done; i < near; i++) {
                if (rowOf[columns[i]] == NONE) {
                    return columns[i];
                }
            }
            return NONE;
        }

        /** Goes on from the row of the next near column; returns a free column at the same distance. */
        private int scan() {
            int column = columns[done++], row = rowOf[column];
            double saved = reducedCost(row, column) - least;
            for (int i = near; i < n; i++) {
                int other = columns[i];
                double through = reducedCost(row, other) - saved;
                if (through < distance[other]) {
                    cameFrom[other] = row;
                    distance[other] = through;
                    if (through == least && rowOf[other] == NONE) {
                        return other;
                    }
                    if (through == least) {
                        swap(i, near++);
                    }
                }
            }
            return NONE;
        }

        private void swap(int i, int j) {
            int column = columns[i];
            columns[i] = columns[j];
            columns[j] = column;
        }
    }
}
