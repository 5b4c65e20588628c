package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTest {

    @Test
    void theFirstAreNamedAndTheRestCounted() {
        var names = List.of("a", "b", "c");

        assertThat(Listing.of(names)).isEqualTo("a, b, c");
        assertThat(Listing.of(names, 3)).isEqualTo("a, b, c");
        assertThat(Listing.of(names, 2)).isEqualTo("a, b and 1 more");
        assertThat(Listing.ofClauses(names, 2)).isEqualTo("a; b and 1 more");
        assertThat(Listing.lines(names, 2)).isEqualTo("\n  a\n  b\n  and 1 more");
    }

    @Test
    void idsAreInTheirOrder() {
        assertThat(Listing.ofIds(List.of("10", "b", "9", "07", "a", "0", "100")))
                .isEqualTo("0, 9, 10, 100, 07, a, b");
    }
}
