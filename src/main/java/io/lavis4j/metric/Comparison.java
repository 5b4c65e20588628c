package io.lavis4j.metric;

/**
 * Two systems on the same items.
 *
 * @param first score of the first system
 * @param second score of the second
 * @param interval 95 % of the resampled differences
 * @param pValue how often systems that do not differ show at least this difference, in either direction
 */
public record Comparison(double first, double second, Interval interval, double pValue) {

    /** Positive if the first system scores higher. */
    public double difference() {
        return first - second;
    }
}
