package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class SeededSampleRandomTest {

    @Test
    void theSameSampleGivesTheSameDraws() {
        var a = SeededSampleRandom.of(42, 3, 17);
        var b = SeededSampleRandom.of(42, 3, 17);
        for (int i = 0; i < 20; i++) {
            assertThat(a.uniform(0, 1)).isEqualTo(b.uniform(0, 1));
            assertThat(a.integer(-5, 100)).isEqualTo(b.integer(-5, 100));
        }
    }

    @Test
    void neighbouringSeedsEpochsAndSamplesDiffer() {
        var first = new HashSet<Double>();
        for (int seed = -5; seed < 5; seed++) {
            for (int epoch = 0; epoch < 10; epoch++) {
                for (int index = 0; index < 100; index++) {
                    first.add(SeededSampleRandom.of(seed, epoch, index).uniform(0, 1));
                }
            }
        }
        assertThat(first).hasSize(10 * 10 * 100);
    }

    /** Correlation of the first draws of neighbours; its standard deviation is 0.003. */
    @Test
    void neighboursAreNotCorrelated() {
        double sum = 0;
        double alongSamples = 0;
        double alongEpochs = 0;
        int n = 100_000;
        for (int i = 0; i < n; i++) {
            double x = SeededSampleRandom.of(7, 0, i).uniform(-0.5, 0.5);
            sum += x / n;
            alongSamples += 12 * x * SeededSampleRandom.of(7, 0, i + 1).uniform(-0.5, 0.5) / n;
            alongEpochs += 12 * x * SeededSampleRandom.of(7, 1, i).uniform(-0.5, 0.5) / n;
        }
        assertThat(sum).isCloseTo(0, within(0.005));
        assertThat(alongSamples).isCloseTo(0, within(0.015));
        assertThat(alongEpochs).isCloseTo(0, within(0.015));
    }

    @Test
    void wholeNumbersAreEquallyFrequentAndInside() {
        var random = SeededSampleRandom.of(1, 1, 1);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[random.integer(-3, 4) + 3]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_600, 10_400);
        }
        assertThat(random.integer(Integer.MIN_VALUE, Integer.MAX_VALUE)).isLessThan(Integer.MAX_VALUE);
        assertThat(random.integer(5, 6)).isEqualTo(5);
        assertThatThrownBy(() -> random.integer(5, 5)).hasMessageContaining("expected low < high, got 5 and 5");
    }

    @Test
    void uniformDrawsStayInside() {
        var random = SeededSampleRandom.of(1, 1, 2);
        for (int i = 0; i < 10_000; i++) {
            assertThat(random.uniform(0.5, 0.75)).isGreaterThanOrEqualTo(0.5).isLessThan(0.75);
        }
    }
}
