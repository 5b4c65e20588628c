package io.lavis4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class GenerationConfigTest {

    private static final GenerationConfig LAVIS = GenerationConfig.lavis();

    @Test
    void theDefaultsAreThoseOfLavis() {
        assertThat(LAVIS).isEqualTo(new GenerationConfig(false, 5, 30, 1, 0.9, 50, 1, 1, 1, 1, List.of()));
    }

    @Test
    void everyWitherChangesItsOwnComponent() {
        assertThat(LAVIS.withDoSample(true)
                        .withNumBeams(8)
                        .withMaxLength(12)
                        .withMinLength(3)
                        .withTopP(0.6)
                        .withTopK(20)
                        .withTemperature(0.7)
                        .withRepetitionPenalty(1.5)
                        .withLengthPenalty(-1)
                        .withNumReturnSequences(2)
                        .withSuppressTokens(List.of(7L)))
                .isEqualTo(new GenerationConfig(true, 8, 12, 3, 0.6, 20, 0.7, 1.5, -1, 2, List.of(7L)));
    }

    @Test
    void refusesValuesThatHaveNoMeaning() {
        refuses(() -> LAVIS.withNumBeams(0), "expected numBeams of at least 1, got 0");
        refuses(() -> LAVIS.withMaxLength(0), "expected maxLength of at least 1, got 0");
        refuses(() -> LAVIS.withMinLength(-1), "expected minLength of at least 0, got -1");
        refuses(() -> LAVIS.withTopP(1.1), "expected topP in [0, 1], got 1.1");
        refuses(() -> LAVIS.withTopK(-1), "expected topK of at least 0, got -1");
        refuses(() -> LAVIS.withTemperature(0), "expected a positive temperature, got 0.0");
        refuses(() -> LAVIS.withTemperature(Double.NaN), "expected a positive temperature, got NaN");
        refuses(() -> LAVIS.withRepetitionPenalty(0), "expected a positive repetitionPenalty, got 0.0");
        refuses(() -> LAVIS.withLengthPenalty(Double.NaN), "expected a finite lengthPenalty, got NaN");
        refuses(() -> LAVIS.withNumReturnSequences(0), "expected numReturnSequences of at least 1, got 0");
        refuses(
                () -> LAVIS.withSuppressTokens(List.of(3L, -1L)),
                "expected suppressTokens of the vocabulary, got [3, -1]");
    }

    @Test
    void refusesMoreResultsThanThereAreHypotheses() {
        refuses(
                () -> LAVIS.withNumReturnSequences(6),
                "expected numReturnSequences of at most numBeams, which is 5, got 6");
        refuses(
                () -> LAVIS.withNumBeams(1).withNumReturnSequences(2),
                "greedy search has one result, expected numReturnSequences 1, got 2");
        assertThat(LAVIS.withDoSample(true)
                        .withNumBeams(1)
                        .withNumReturnSequences(9)
                        .numReturnSequences())
                .isEqualTo(9);
    }

    private static void refuses(Supplier<GenerationConfig> config, String message) {
        assertThatThrownBy(config::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
