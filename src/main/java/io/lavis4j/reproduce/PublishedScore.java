package io.lavis4j.reproduce;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One score of a published result.
 *
 * @param split that it is of
 * @param metric as a run calls it, {@code CIDEr}
 * @param scale what a run's score is multiplied with to be in the unit of the published ones: 100 for shares
 * @param tolerance how far from a published value a faithful run may be; {@code null} for a score that is shown and
 *     does not decide
 * @param published values, where several sources give it
 */
public record PublishedScore(
        String split, String metric, double scale, @Nullable Double tolerance, List<Value> published) {

    /** Room for the rounding of a difference of two decimal fractions. */
    private static final double ROUNDING = 1e-9;

    /** A number and where it stands. */
    public record Value(double value, String source) {}

    public PublishedScore {
        published = List.copyOf(published);
    }

    /** Whether a run must have this score, for it decides. */
    public boolean decides() {
        return tolerance != null;
    }

    /**
     * The distance from a run's score to the nearest published value, positive where the run's is higher.
     *
     * @param score in the unit of the published values
     */
    double difference(double score) {
        double nearest = Double.POSITIVE_INFINITY;
        for (var value : published) {
            double difference = score - value.value();
            nearest = Math.abs(difference) < Math.abs(nearest) ? difference : nearest;
        }
        return nearest;
    }

    /** Whether a difference is within the tolerance, if there is one. */
    boolean allows(double difference) {
        return tolerance == null || Math.abs(difference) <= tolerance + ROUNDING;
    }
}
