package io.lavis4j.reproduce;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Nearest;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The published results of BLIP-2 that there are, and for comparison those of Sherlock's leaderboard.
 *
 * @param results by data set
 */
public record PublishedResults(List<PublishedResult> results) {

    private static final String RESOURCE = "published.json";

    public PublishedResults {
        results = List.copyOf(results);
    }

    /** Those that come with this library. */
    public static PublishedResults shipped() {
        try (var stream = PublishedResults.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is not in the jar");
            }
            return JsonText.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8), PublishedResults.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("%s: %s".formatted(RESOURCE, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read", e);
        }
    }

    /**
     * The result of a name.
     *
     * @throws ConfigException if there is none
     */
    public PublishedResult get(String name) {
        return results.stream()
                .filter(result -> result.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException(List.of("\"%s\" is not a published result; %s"
                        .formatted(
                                name,
                                Nearest.advice(
                                        name,
                                        results.stream()
                                                .map(PublishedResult::name)
                                                .toList())))));
    }
}
