package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class TokenPathsTest {

    private static long[][] visible(TokenPaths paths, long sample) {
        return Tensors.rows(paths.visible().select(0, sample));
    }

    @Test
    void aRowSeesWhatIsCommonAndItsOwnPath() {
        try (var scope = new PointerScope();
                var paths = new TokenPaths(2, 3, Devices.cpu())) {
            assertThat(visible(paths, 1)).isDeepEqualTo(new long[][] {{1, 1, 1}});
            paths.write(2);
            paths.reorder(new long[] {0, 0, 3, 2});
            paths.write(2);

            assertThat(visible(paths, 0)).isDeepEqualTo(new long[][] {{1, 1, 1, 1, 0, 1, 0}, {1, 1, 1, 1, 0, 0, 1}});
            assertThat(visible(paths, 1)).isDeepEqualTo(new long[][] {{1, 1, 1, 0, 1, 1, 0}, {1, 1, 1, 1, 0, 0, 1}});
            assertThat(paths.mask().shape()).containsExactly(2, 1, 2, 7);
            assertThat(Tensors.floats(
                            paths.mask().select(0, 0).select(0, 0).select(0, 0).add(Tensors.scalar(0.0))))
                    .containsExactly(0, 0, 0, 0, -30000, 0, -30000);
        }
    }

    @Test
    void stepsLeaveNothingBehindAndCloseFreesAll() {
        long before = Pointer.totalCount();
        var counts = new ArrayList<Long>();
        try (var paths = new TokenPaths(2, 1, Devices.cpu())) {
            for (int step = 0; step < 10; step++) {
                paths.write(2);
                paths.reorder(new long[] {1, 1, 2, 2});
                counts.add(Pointer.totalCount());
            }
        }
        assertThat(counts).containsOnly(counts.get(0));
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }
}
