package io.lavis4j.reproduce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.Listing;
import io.lavis4j.io.TextFile;
import io.lavis4j.runner.RunDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A run beside the result that it was to reproduce.
 *
 * @param name of the result
 * @param directory of the run
 * @param scores those of the result that the run has
 * @param reproduced whether every score that decides is within its tolerance
 */
public record Rerun(String name, String directory, List<Score> scores, boolean reproduced) {

    private static final int SHOWN = 10;

    /**
     * A run's score.
     *
     * @param expected what is published of it
     * @param value of the run, in the unit of the published values
     * @param difference from the nearest of these
     * @param within whether the difference is within the tolerance; true without one
     */
    public record Score(PublishedScore expected, double value, double difference, boolean within) {}

    public Rerun {
        scores = List.copyOf(scores);
    }

    /**
     * Compares the last evaluation of a run.
     *
     * @throws ConfigException if the run is of another configuration, naming what differs
     * @throws IllegalArgumentException if the result cannot be run, or the run lacks a score that decides
     */
    public static Rerun of(PublishedResult result, RunDirectory run) {
        String there = run.path().toAbsolutePath().normalize().toString();
        requireSame(result, run, there);
        var evaluations = evaluations(run);
        var scores = new ArrayList<Score>();
        for (var expected : result.scores()) {
            var found = evaluations
                    .getOrDefault(expected.split(), MissingNode.getInstance())
                    .path(expected.metric());
            if (JsonText.isFinite(found)) {
                double value = found.doubleValue() * expected.scale(), difference = expected.difference(value);
                scores.add(new Score(expected, value, difference, expected.allows(difference)));
            } else if (expected.decides()) {
                throw new IllegalArgumentException(
                        "%s: evaluate.txt has no %s of split %s (found: %s); evaluate again with:%n  %s"
                                .formatted(
                                        there,
                                        expected.metric(),
                                        expected.split(),
                                        JsonText.found(found),
                                        result.command(List.of("data_root=DIR"))));
            }
        }
        return new Rerun(result.name(), there, scores, scores.stream().allMatch(Score::within));
    }

    private static void requireSame(PublishedResult result, RunDirectory run, String there) {
        var found = Configuration.load(run.config().toString(), List.of(), variable -> null);
        var differences = SettingDifferences.between(result.configuration().tree(), found.tree());
        if (!differences.isEmpty()) {
            throw new ConfigException(List.of(
                    "%s is not a run of %s:%s".formatted(there, result.name(), Listing.lines(differences, SHOWN))));
        }
    }

    /** The last scores of each split. */
    private static Map<String, JsonNode> evaluations(RunDirectory run) {
        var evaluations = new HashMap<String, JsonNode>();
        for (String line : TextFile.read(run.evaluations()).lines().toList()) {
            try {
                JsonText.parse(line).properties().forEach(split -> evaluations.put(split.getKey(), split.getValue()));
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(
                        "%s: \"%s\" is not JSON: %s".formatted(run.evaluations(), line, e.getOriginalMessage()), e);
            }
        }
        return evaluations;
    }
}
