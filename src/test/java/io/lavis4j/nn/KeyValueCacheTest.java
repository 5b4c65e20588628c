package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyValueCacheTest {

    private static final long R = 4;
    private static final long H = 2;
    private static final long WIDTH = 3;

    private final PointerScope scope = new PointerScope();
    private final KeyValueCache cache = new KeyValueCache();

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void close() {
        cache.close();
        scope.close();
    }

    private static Tensor tokens(long count) {
        return randn(R, H, count, WIDTH);
    }

    private static void assertEqual(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).containsExactly(expected.shape());
        assertThat(Tensors.floats(actual)).isEqualTo(Tensors.floats(expected));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 50})
    void everyLayerHasAllTokensInOrder(long count) {
        var keys = new Tensor[] {tokens(0), tokens(0)};
        var values = new Tensor[] {tokens(0), tokens(0)};
        for (int step = 0; step < 70; step++) {
            assertThat(cache.length()).isEqualTo(step * count);
            for (int layer = 0; layer < 2; layer++) {
                var key = tokens(count);
                var value = tokens(count);
                keys[layer] = Tensors.cat(2, keys[layer], key);
                values[layer] = Tensors.cat(2, values[layer], value);

                var all = cache.append(layer, key, value);

                assertEqual(all.key(), keys[layer]);
                assertEqual(all.value(), values[layer]);
            }
        }
    }

    @Test
    void keysKeepTheirDtype() {
        var half = tokens(1).to(ScalarType.BFloat16);

        assertThat(Tensors.dtype(cache.append(0, half, half).key())).isEqualTo(ScalarType.BFloat16);
    }

    @Test
    void stepsLeaveNothingBehindAndCloseFreesAll() {
        var counts = new ArrayList<Long>();
        var newest = tokens(1);
        long before = Pointer.totalCount();
        for (int step = 0; step < 100; step++) {
            try (var stepScope = new PointerScope()) {
                cache.append(0, newest, newest);
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts).containsOnly(counts.get(0));

        cache.close();

        assertThat(Pointer.totalCount()).isEqualTo(before);
        assertThat(cache.length()).isZero();
    }
}
