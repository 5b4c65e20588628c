package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixAttentionTest {

    private static final long H = 6;
    private static final long P = 6;
    private static final long WIDTH = 8;

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Attention over each row's copy of its prefix and its own keys. */
    private static Tensor joined(
            Tensor q,
            KeyValueCache.Pair prefix,
            @Nullable Tensor prefixMask,
            KeyValueCache.Pair own,
            @Nullable Tensor ownMask) {
        long R = q.size(0),
                T = q.size(2),
                B = prefix.key().size(0),
                M = own.key().size(2);
        var owner = Tensors.of(LongStream.range(0, R).map(r -> r / (R / B)).toArray(), Devices.cpu());
        var k = Tensors.cat(2, prefix.key().index_select(0, owner), own.key()); // (R, H, P + M, d)
        var v = Tensors.cat(2, prefix.value().index_select(0, owner), own.value());
        var ofPrefix = prefixMask == null ? zeros(R, 1, 1, P) : prefixMask.index_select(0, owner);
        var ofOwn = ownMask == null ? zeros(T, M) : ownMask;
        var mask = Tensors.cat(3, ofPrefix.expand(R, 1, T, P), ofOwn.expand(R, 1, T, M)); // (R, 1, T, P + M)
        return Attention.attend(q, k, v, mask, 0);
    }

    private static KeyValueCache.Pair pair(long rows, long K, long length, ScalarType dtype) {
        return new KeyValueCache.Pair(
                randn(rows, K, length, WIDTH).to(dtype),
                randn(rows, K, length, WIDTH).to(dtype));
    }

    /** The first tokens of all prefixes but the first are padding. */
    private static Tensor padding(long B) {
        var mask = zeros(B, 1, 1, P);
        for (long b = 1; b < B; b++) {
            mask.select(0, b).narrow(2, 0, b).fill_(Tensors.scalar(-30000));
        }
        return mask;
    }

    private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.shape()).containsExactly(expected.shape());
        assertThat(Tensors.dtype(actual)).isEqualTo(Tensors.dtype(expected));
        float[] a = Tensors.floats(actual), e = Tensors.floats(expected);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).as("element " + i).isCloseTo(e[i], within((float) tolerance));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Float, 1, 1, 6, 1e-6",
        "Float, 1, 5, 6, 1e-6",
        "Float, 3, 1, 6, 1e-6",
        "Float, 3, 5, 6, 1e-6",
        "Float, 1, 5, 3, 1e-6",
        "Float, 3, 5, 2, 1e-6",
        "Float, 3, 5, 1, 1e-6",
        "BFloat16, 3, 5, 6, 0.03",
        "BFloat16, 3, 5, 2, 0.03"
    })
    void aNewTokenOfEachRowAttendsAsOverJoinedKeys(ScalarType dtype, long B, long perPrefix, long K, double tolerance) {
        long R = B * perPrefix;
        var q = randn(R, H, 1, WIDTH).to(dtype);
        var prefix = pair(B, K, P, dtype);
        var own = pair(R, K, 4, dtype);
        var mask = padding(B);

        var y = PrefixAttention.attend(q, prefix, mask, own, null);

        assertClose(y, joined(q, prefix, mask, own, null), tolerance);
    }

    @ParameterizedTest
    @CsvSource({
        "Float, 1, 1, 6, 1e-6",
        "Float, 1, 5, 6, 1e-6",
        "Float, 3, 1, 6, 1e-6",
        "Float, 3, 5, 6, 1e-6",
        "Float, 1, 5, 3, 1e-6",
        "Float, 3, 5, 2, 1e-6",
        "Float, 3, 5, 1, 1e-6",
        "BFloat16, 1, 5, 6, 0.03",
        "BFloat16, 1, 5, 2, 0.03"
    })
    void wholeRowsAttendCausallyAsOverJoinedKeys(ScalarType dtype, long B, long perPrefix, long K, double tolerance) {
        long R = B * perPrefix, T = 4;
        var q = Attention.splitHeads(randn(R, T, H * WIDTH).to(dtype), H); // strides of a projection
        var prefix = pair(B, K, P, dtype);
        var own = pair(R, K, T, dtype);
        var mask = padding(B);
        var causal = AdditiveMask.causal(T, Devices.cpu());

        var y = PrefixAttention.attend(q, prefix, mask, own, causal);

        assertClose(y, joined(q, prefix, mask, own, causal), tolerance);
        assertClose(
                PrefixAttention.attend(q, prefix, null, own, causal), joined(q, prefix, null, own, causal), tolerance);
    }
}
