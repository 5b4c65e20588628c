package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GalleryTest {

    private static final double[] SCORES = {0.3, 0.9, 0.1, 0.9, 0.5};

    @Test
    void bestAndWorstAreRankedAndShareNoItem() {
        var some = Gallery.Selection.of(SCORES, 2, 1);
        assertThat(some.best()).containsExactly(1, 3);
        assertThat(some.worst()).containsExactly(2, 0);
        var all = Gallery.Selection.of(SCORES, 9, 1);
        assertThat(all.best()).containsExactly(1, 3, 4);
        assertThat(all.worst()).containsExactly(2, 0);
        assertThat(all.random()).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void randomItemsAreDrawnFromAllByTheSeed() {
        double[] scores = IntStream.range(0, 100).asDoubleStream().toArray();
        var drawn = Gallery.Selection.of(scores, 10, 7).random();
        assertThat(drawn)
                .hasSize(10)
                .doesNotHaveDuplicates()
                .isEqualTo(Gallery.Selection.of(scores, 10, 7).random())
                .isNotEqualTo(Gallery.Selection.of(scores, 10, 8).random());
    }

    @Test
    void noneMayBeAskedFor() {
        var none = Gallery.Selection.of(SCORES, 0, 1);
        assertThat(none.best()).isEmpty();
        assertThat(none.worst()).isEmpty();
        assertThat(none.random()).isEmpty();
    }
}
