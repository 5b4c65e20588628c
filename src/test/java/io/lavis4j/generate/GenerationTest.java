package io.lavis4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GenerationTest {

    private static final EndTokens END = new EndTokens(0, 1);
    private static final GenerationConfig GREEDY = GenerationConfig.lavis().withNumBeams(1);

    /** Counts upwards from 2 and ends after {@code 4 + sample}. */
    private static TableDecoder counting() {
        return new TableDecoder(2, 8, (sample, a, last, token) -> {
            int next = last == 8 ? 2 : last == 4 + sample ? 0 : last + 1;
            return token == next ? 9 : 0;
        });
    }

    @Test
    void greedySearchPadsTheRowThatEndedFirst() {
        assertThat(Generation.generate(counting(), new long[][] {{7}, {6}}, GREEDY, END))
                .isDeepEqualTo(new long[][] {{7, 2, 3, 4, 0, 1}, {6, 2, 3, 4, 5, 0}});
    }

    @Test
    void maxLengthCountsTheInitialIdsAndTheEnd() {
        assertThat(Generation.generate(counting(), new long[][] {{7, 7}, {6, 6}}, GREEDY.withMaxLength(5), END))
                .isDeepEqualTo(new long[][] {{7, 7, 2, 3, 4}, {6, 6, 2, 3, 4}});
    }

    @Test
    void minLengthForbidsTheEndBeforeThatManyTokens() {
        long[][] rows = Generation.generate(
                counting(), new long[][] {{7}, {6}}, GREEDY.withMinLength(5).withMaxLength(6), END);

        assertThat(rows[0][4]).isNotEqualTo(0);
        assertThat(rows[1]).containsExactly(6, 2, 3, 4, 5, 0);
    }

    @ParameterizedTest
    @CsvSource({"false, 1", "true, 1", "false, 3", "true, 3"})
    void suppressedTokensAreNeverChosen(boolean doSample, int numBeams) {
        var likesThem = new TableDecoder(2, 8, (sample, a, last, token) -> token == 3 || token == 5 ? 9 : token);
        var config = GREEDY.withDoSample(doSample)
                .withNumBeams(numBeams)
                .withMinLength(8)
                .withMaxLength(8)
                .withSuppressTokens(List.of(3L, 5L));

        long[][] rows = Generation.generate(likesThem, new long[][] {{7}, {6}}, config, END);

        assertThat(Arrays.stream(rows).flatMapToLong(Arrays::stream)).doesNotContain(3L, 5L, 0L);
    }

    @Test
    void theRepetitionPenaltyDividesPositiveLogitsAndMultipliesNegative() {
        var positive = new TableDecoder(1, 4, (sample, a, b, token) -> token == 2 ? 3 : token == 3 ? 2 : -9);
        var negative = new TableDecoder(1, 4, (sample, a, b, token) -> token == 2 ? -2 : token == 3 ? -3 : -9);
        var config = GREEDY.withMaxLength(2).withRepetitionPenalty(1.6);

        assertThat(Generation.generate(positive, new long[][] {{2}}, config, END))
                .isDeepEqualTo(new long[][] {{2, 3}});
        assertThat(Generation.generate(negative, new long[][] {{2}}, config, END))
                .isDeepEqualTo(new long[][] {{2, 3}});
    }

    @ParameterizedTest
    @CsvSource({"false, 1", "true, 1", "false, 4", "true, 4"})
    void everyTokenFreesWhatItMade(boolean doSample, int numBeams) {
        var model = TableDecoder.random(new Random(1), 2, 8, 1, 0).favouring(0, -100);
        var config = GREEDY.withDoSample(doSample)
                .withNumBeams(numBeams)
                .withMinLength(20)
                .withRepetitionPenalty(1.2)
                .withTemperature(0.9);
        long before = Pointer.totalCount();

        Generation.generate(model, new long[][] {{2}, {2}}, config, END);

        assertThat(model.handles().get(2)).isEqualTo(model.handles().get(1));
        assertThat(model.handles().get(20)).isEqualTo(model.handles().get(1));
        assertThat(Pointer.totalCount()).isEqualTo(before);
        assertThat(model.prefills()).isEqualTo(1);
    }

    @Test
    void refusesInitialIdsThatDoNotFit() {
        assertThatThrownBy(() -> Generation.generate(counting(), new long[][] {{7}}, GREEDY, END))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected initial ids for each of the decoder's 2 prefixes, got 1 rows");
        assertThatThrownBy(() -> Generation.generate(counting(), new long[][] {{7}, {7, 8}}, GREEDY, END))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected initial ids of equal length, got rows of 1 and 2");
        assertThatThrownBy(() -> Generation.generate(counting(), new long[][] {{}, {}}, GREEDY, END))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at least one sample and one initial id, got none");
        assertThatThrownBy(() -> Generation.generate(counting(), new long[][] {{7}, {7}}, GREEDY.withMaxLength(1), END))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected maxLength above the 1 initial ids, which it counts, got 1");
    }
}
