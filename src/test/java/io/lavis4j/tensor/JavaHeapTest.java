package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class JavaHeapTest {

    private static final int MEBI = 1 << 20;

    /** Of 400 MiB that were used and are no more; other tests may use and free some meanwhile. */
    @Test
    void whatIsFreeOfTheHeapGoesBackToTheSystem() {
        var blocks = new ArrayList<byte[]>();
        for (int i = 0; i < 400; i++) {
            blocks.add(new byte[MEBI]);
        }
        long before = Runtime.getRuntime().totalMemory();
        assertThat(blocks).hasSize(400);
        blocks.clear();
        JavaHeap.shrink();
        long free = Runtime.getRuntime().freeMemory();
        assertThat(Runtime.getRuntime().totalMemory()).isLessThan(before - 100L * MEBI);
        assertThat(free).as("bytes").isLessThan(Runtime.getRuntime().totalMemory() / 2);
    }
}
