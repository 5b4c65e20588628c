package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SherlockGroupsTest {

    private static SherlockRecord record(String url, @Nullable Double confidence, int boxes) {
        return new SherlockRecord(
                url,
                10,
                10,
                Collections.nCopies(boxes, new Box(0, 0, 5, 5)),
                null,
                confidence,
                0,
                "it rains",
                "id",
                null);
    }

    @Test
    void recordsFallIntoGroupsByConfidenceSourceAndBoxes() {
        assertThat(SherlockGroups.all(record("http://x.org/vcr1images/movie/1.jpg", 3.0, 2)))
                .isEqualTo(Map.of("confidence", "3", "source", "VCR", "boxes", "2"));
        assertThat(SherlockGroups.all(record("http://x.org/VG_100K/1.jpg", null, 7)))
                .isEqualTo(Map.of("confidence", "unknown", "source", "VG", "boxes", "4+"));
        assertThat(SherlockGroups.CONFIDENCE.of(record("http://x.org/VG_100K/1.jpg", 2.5, 1)))
                .isEqualTo("2.5");
    }
}
