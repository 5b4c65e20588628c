package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.Devices;
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
    void aReorderedRowContinuesAnother() {
        var first = cache.append(0, tokens(2), tokens(2));
        var order = Tensors.of(new long[] {1, 1, 3, 0}, Devices.cpu());
        var key = first.key().index_select(0, order);
        var value = first.value().index_select(0, order);
        var newest = tokens(1);

        cache.select(order);
        var all = cache.append(0, newest, newest);

        assertEqual(all.key(), Tensors.cat(2, key, newest));
        assertEqual(all.value(), Tensors.cat(2, value, newest));
    }

    @Test
    void rowsMayBecomeMoreOrFewer() {
        var key = cache.append(0, tokens(2), tokens(2)).key().clone();
        long[][] orders = {{0, 0, 1, 1, 2, 2, 3, 3}, {7, 0}};
        for (long[] rows : orders) {
            var order = Tensors.of(rows, Devices.cpu());
            var newest = randn(rows.length, H, 1, WIDTH);

            cache.select(order);

            key = Tensors.cat(2, key.index_select(0, order), newest);
            assertEqual(cache.append(0, newest, newest).key(), key);
        }
    }

    /** A product keeps the keys that it was made of until backward. */
    @Test
    void rowsThatChangePlacesLeaveKeysForBackward() {
        var key = tokens(2);
        key.set_requires_grad(true);
        var order = Tensors.of(new long[] {3, 0, 0, 1}, Devices.cpu());
        cache.append(0, key, key);
        var plain = key;
        var ours = new ArrayList<Tensor>();
        var expected = new ArrayList<Tensor>();
        for (int step = 0; step < 3; step++) {
            cache.select(order);
            plain = plain.index_select(0, order);
            var query = tokens(1);
            query.set_requires_grad(true);
            ours.add(query.mul(cache.layer(0).key()).sum());
            expected.add(query.mul(plain).sum());
        }

        expected.stream().reduce(Tensor::add).orElseThrow().backward();
        var gradient = key.grad().clone();
        key.mutable_grad().zero_();
        ours.stream().reduce(Tensor::add).orElseThrow().backward();
        assertEqual(key.grad(), gradient);
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
        var order = Tensors.of(new long[] {0, 0, 1, 2}, Devices.cpu());
        long before = Pointer.totalCount();
        for (int step = 0; step < 100; step++) {
            try (var stepScope = new PointerScope()) {
                cache.append(0, newest, newest);
                cache.select(order);
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts).containsOnly(counts.get(0));

        cache.close();

        assertThat(Pointer.totalCount()).isEqualTo(before);
        assertThat(cache.length()).isZero();
    }
}
