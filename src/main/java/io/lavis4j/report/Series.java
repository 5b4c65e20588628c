package io.lavis4j.report;

import java.util.List;

/**
 * A line of a chart.
 *
 * @param name in the legend
 * @param points from left to right; where y is not finite the line is interrupted
 */
public record Series(String name, List<Point> points) {

    /** One value. */
    public record Point(double x, double y) {}

    public Series {
        points = List.copyOf(points);
    }
}
