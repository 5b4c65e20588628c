package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.image.BrokenImageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BrokenTallyTest {

    /** Far apart, as those of several shards are. */
    private static final long SHARD = 1L << 31;

    private static LoadedSample good(long id) {
        return new LoadedSample(id, SampleTexts.of("i", "t"), List.of());
    }

    private static LoadedSample replaced(long id) {
        return new LoadedSample(0, SampleTexts.of("i", "t"), List.of(new LoadedSample.Broken(id, "a problem")));
    }

    @Test
    void aTallyCountsOnFromAnother() {
        var first = new BrokenTally(0.01);
        for (int i = 0; i < BrokenTally.ALWAYS_BORNE; i++) {
            first.add(replaced(i * SHARD + 5));
        }
        first.add(good(7));

        var second = new BrokenTally(0.01);
        second.countOn(first.bytes());
        assertThat(second.count()).isEqualTo(BrokenTally.ALWAYS_BORNE);
        second.add(replaced(SHARD + 5));
        assertThat(second.count()).as("a sample counts once").isEqualTo(BrokenTally.ALWAYS_BORNE);
        assertThatThrownBy(() -> second.add(replaced(3)))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageStartingWith("11 of the 13 samples seen so far cannot be read");
    }

    @Test
    void bytesThatAreNotATallyAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BrokenTally(0).countOn(new byte[] {0, 0, 0, 1}))
                .withMessageContaining("4 bytes");
    }
}
