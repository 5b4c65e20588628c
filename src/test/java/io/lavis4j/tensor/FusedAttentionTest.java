package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.softmax;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FusedAttentionTest {

    private static final double DROPOUT = 0.1;
    private static final long SEED = 5;

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Queries, keys and values as a layer's product has them, heads side by side, and the output's gradient. */
    private record Case(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, Tensor dy) {

        static Case of(long B, long H, long N, long M, long d, @Nullable Tensor mask) {
            return new Case(rows(B, H, N, d), rows(B, H, M, d), rows(B, H, M, d), mask, rows(B, H, N, d));
        }

        private static Tensor rows(long B, long H, long R, long d) {
            return randn(B, R, H * d).requires_grad_(true);
        }

        private static Tensor heads(Tensor x, Tensor like, long heads) {
            return x.view(like.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
        }

        /** Output and gradients of q, k and v, in double precision where that is asked for. */
        List<Tensor> results(long H, double dropout, boolean exactly) {
            RandomState.seed(SEED);
            var of = new ArrayList<Tensor>();
            for (var x : List.of(q, k, v)) {
                of.add((exactly ? x.to(ScalarType.Double) : x).detach().requires_grad_(true));
            }
            Tensor a = heads(of.get(0), q, H), b = heads(of.get(1), q, H), c = heads(of.get(2), q, H);
            double scale = 1 / Math.sqrt(a.size(3));
            var y = exactly
                    ? exact(a, b, c, mask, scale, dropout)
                    : FusedAttention.attend(a, b, c, mask, new FusedAttention.Weights(scale, dropout));
            var gradient = heads(dy.detach(), q, H).to(Tensors.dtype(y));
            y.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            return List.of(
                    y,
                    new Tensor(of.get(0).grad()),
                    new Tensor(of.get(1).grad()),
                    new Tensor(of.get(2).grad()));
        }
    }

    /** By single operations. */
    private static Tensor exact(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale, double dropout) {
        var scores = matmul(q, k.transpose(2, 3)).mul(Tensors.scalar(scale));
        var weights = softmax(mask == null ? scores : scores.add(mask), 3);
        return matmul(weights.mul(DropoutMask.draw(weights.shape(), dropout)), v);
    }

    private static void assertClose(String what, Tensor actual, Tensor expected) {
        double[] a = Tensors.doubles(actual), e = Tensors.doubles(expected);
        double most = 0, worst = 0;
        for (int i = 0; i < e.length; i++) {
            most = Math.max(most, Math.abs(e[i]));
            worst = Math.max(worst, Math.abs(a[i] - e[i]));
        }
        assertThat(a).as(what).hasSameSizeAs(e).doesNotContain(Double.NaN);
        assertThat(worst).as("%s, of numbers up to %s", what, most).isLessThanOrEqualTo(1e-6 * most);
    }

    private static @Nullable Tensor mask(String kind, long B, long H, long N, long M) {
        var mask = switch (kind) {
            case "none" -> null;
            case "keys" -> randn(B, 1, 1, M);
            case "queries" -> randn(B, 1, N, M);
            case "heads" -> randn(1, H, N, M);
            case "transposed" -> randn(B, 1, M, N).transpose(2, 3);
            default -> throw new IllegalArgumentException(kind);
        };
        if (mask != null) {
            mask.narrow(3, M - 1, 1).select(0, 0).fill_(Tensors.scalar(-1e4));
        }
        return mask;
    }

    @ParameterizedTest
    @CsvSource({
        "4, 12, 32, 257, 64, none",
        "4, 12, 32, 32, 64, none",
        "2, 3, 7, 11, 8, keys",
        "2, 3, 7, 11, 8, transposed",
        "1, 1, 1, 2, 1, none",
        "2, 2, 33, 5, 5, queries",
        "1, 2, 65, 40, 88, heads",
        "2, 1, 40, 3, 24, keys",
        "1, 2, 31, 100, 14, queries",
        "2, 2, 48, 17, 65, none"
    })
    void valueAndGradientsAreThoseOfSingleOperations(long B, long H, long N, long M, long d, String kind) {
        var one = Case.of(B, H, N, M, d, mask(kind, B, H, N, M));
        var expected = one.results(H, DROPOUT, true);

        var actual = one.results(H, DROPOUT, false);

        for (int i = 0; i < 4; i++) {
            assertClose(List.of("y", "dq", "dk", "dv").get(i), actual.get(i), expected.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1})
    void moreMayBeDroppedAndAllToo(double dropout) {
        var one = Case.of(2, 3, 9, 21, 16, null);
        var expected = one.results(3, dropout, true);
        var actual = one.results(3, dropout, false);
        for (int i = 0; i < 4; i++) {
            assertClose("result " + i, actual.get(i), expected.get(i));
        }
    }

    @Test
    void theNumberOfThreadsChangesNothing() {
        var one = Case.of(4, 12, 37, 70, 64, null);
        int before = torch.get_num_threads();
        try {
            torch.set_num_threads(1);
            var alone = one.results(12, DROPOUT, false);
            torch.set_num_threads(2);
            var two = one.results(12, DROPOUT, false);
            for (int i = 0; i < 4; i++) {
                assertThat(Tensors.floats(two.get(i))).isEqualTo(Tensors.floats(alone.get(i)));
            }
        } finally {
            torch.set_num_threads(before);
        }
    }

    private static final FusedAttention.Weights HALF = new FusedAttention.Weights(0.5, 0.5);

    private static Tensor leaf(long R) {
        return randn(2, 2, R, 4).requires_grad_(true);
    }

    private static Tensor attend(Tensor q, Tensor k, Tensor v) {
        RandomState.seed(SEED);
        return FusedAttention.attend(q, k, v, null, HALF);
    }

    private static void backward(Tensor y, boolean retain) {
        y.backward(y.detach(), new BoolOptional(retain), false, new TensorArrayRefOptional());
    }

    @Test
    void withoutGradientsTheValuesAreTheSameAndWithoutDropoutThoseOfTheFusedKernel() {
        Tensor q = leaf(9), k = leaf(21), v = leaf(21);
        var withGradient = attend(q, k, v);
        assertThat(withGradient.requires_grad()).isTrue();
        try (var noGrad = new NoGradGuard()) {
            var y = attend(q, k, v);
            assertThat(y.requires_grad()).isFalse();
            assertThat(Tensors.floats(y)).isEqualTo(Tensors.floats(withGradient));
            var whole = FusedAttention.attend(q, k, v, null, new FusedAttention.Weights(0.5, 0));
            assertClose("y", whole, torch.scaled_dot_product_attention(q, k, v));
        }
        assertThat(attend(q.detach(), k.detach(), v.detach()).requires_grad()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true, false, false", "false, true, false", "false, false, true", "true, false, true"})
    void inputsThatNeedNoGradientGetNone(boolean ofQ, boolean ofK, boolean ofV) {
        var all = List.of(leaf(9), leaf(21), leaf(21));
        backward(attend(all.get(0), all.get(1), all.get(2)), false);
        var needed = new boolean[] {ofQ, ofK, ofV};
        var some = new ArrayList<Tensor>();
        for (int i = 0; i < 3; i++) {
            some.add(all.get(i).detach().requires_grad_(needed[i]));
        }
        backward(attend(some.get(0), some.get(1), some.get(2)), false);
        for (int i = 0; i < 3; i++) {
            assertThat(some.get(i).grad().defined()).isEqualTo(needed[i]);
            if (needed[i]) {
                assertThat(Tensors.floats(new Tensor(some.get(i).grad())))
                        .isEqualTo(Tensors.floats(new Tensor(all.get(i).grad())));
            }
        }
    }

    @Test
    void gradientsOfUsesAndOfBackwardsAddUp() {
        Tensor q = leaf(9), k = leaf(21);
        var same = attend(q, k, k); // keys that are the values, too
        same.add(same).sum().backward();
        var twice = Tensors.floats(new Tensor(q.grad()));
        var ofKeys = Tensors.floats(new Tensor(k.grad()));
        q.mutable_grad().zero_();
        k.mutable_grad().zero_();

        var y = attend(q, k, k);
        var other = FusedAttention.attend(leaf(5), leaf(6), leaf(6), null, HALF); // while the graph is retained
        for (boolean retain : new boolean[] {true, false}) {
            y.backward(torch.ones_like(y), new BoolOptional(retain), false, new TensorArrayRefOptional());
        }
        backward(other, false);

        assertThat(Tensors.floats(new Tensor(q.grad()))).isEqualTo(twice);
        assertThat(Tensors.floats(new Tensor(k.grad()))).isEqualTo(ofKeys);
    }

    @Test
    void aSecondBackwardIsAnErrorAlsoAfterTheNextForward() {
        Tensor q = leaf(9), k = leaf(21), v = leaf(21);
        var y = attend(q, k, v);
        backward(y, false);
        assertThatThrownBy(() -> backward(y, false)).hasMessageContaining("second backward");
        var other = FusedAttention.attend(leaf(5), k, v, null, HALF);
        assertThatThrownBy(() -> backward(y, false)).hasMessageContaining("second backward");
        backward(other, false);
        var alike = attend(q, k, v);
        assertThatThrownBy(() -> backward(y, false)).hasMessageContaining("second time"); // libtorch's words
        q.mutable_grad().zero_();
        backward(alike, false);
        var fresh = q.detach().requires_grad_(true);
        backward(attend(fresh, k, v), false);
        assertThat(Tensors.floats(new Tensor(q.grad()))).isEqualTo(Tensors.floats(new Tensor(fresh.grad())));
    }

    @Test
    void aChangeInPlaceBeforeBackwardIsAnError() {
        var q = leaf(9).mul(Tensors.scalar(2));
        var k = leaf(21).mul(Tensors.scalar(2));
        var y = attend(q, k, leaf(21));
        k.mul_(Tensors.scalar(2));
        assertThatThrownBy(() -> backward(y, false)).hasMessageContaining("attention's k has been changed in place");
    }

    @Test
    void shapesThatDoNotFitAreAnErrorThatNamesThem() {
        assertThatThrownBy(() -> attend(leaf(9), leaf(21), leaf(20)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("q (2, 2, 9, 4), k (2, 2, 21, 4), v (2, 2, 20, 4)");
    }

    @Test
    void aRecomputedBlockHasTheSameGradients() {
        Tensor x = leaf(9), w = leaf(9);
        var expected = x.detach().requires_grad_(true);
        RandomState.seed(SEED);
        block(expected, w).mul(w).sum().backward();
        for (var mode : GradientCheckpoint.Mode.values()) {
            var input = x.detach().requires_grad_(true);
            try (var checkpoint = new GradientCheckpoint(mode)) {
                RandomState.seed(SEED);
                var y = checkpoint.run(true, leafs -> block(leafs, w), input);
                checkpoint.backward(y.mul(w).sum());
            }
            assertThat(Tensors.floats(new Tensor(input.grad())))
                    .as("mode %s", mode)
                    .isEqualTo(Tensors.floats(new Tensor(expected.grad())));
        }
    }

    private static Tensor block(Tensor x, Tensor w) {
        return FusedAttention.attend(x.mul(w), x, x, null, HALF);
    }

    @Test
    void memoryStaysFlatWithBackwardAndWithout() {
        var counts = new ArrayList<Long>();
        for (int step = 0; step < 5; step++) {
            try (var own = new PointerScope()) {
                Tensor q = leaf(9), k = leaf(21), v = leaf(21);
                Tensor y = Scopes.keep(() -> attend(q, k, v).add(attend(k, k, v).narrow(2, 0, 9)));
                attend(q, k, v); // whose graph is never gone through
                backward(y, false);
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts.subList(2, 5)).containsOnly(counts.get(1));
    }

    @Test
    void otherTypesAutocastTrainedMasksAndGradientsWithoutDropoutAreNotTaken() {
        Tensor q = leaf(9), k = leaf(21);
        var whole = new FusedAttention.Weights(0.5, 0);
        assertThat(FusedAttention.takes(q, k, k, null, HALF)).as("the library").isTrue();
        assertThat(FusedAttention.takes(q, k, k, randn(2, 1, 9, 21), HALF)).isTrue();
        assertThat(FusedAttention.takes(q.detach(), k.detach(), k.detach(), null, whole))
                .isTrue();
        assertThat(FusedAttention.takes(q, k.detach(), k.detach(), null, whole)).isFalse();
        assertThat(FusedAttention.takes(q, k, k, randn(2, 1, 9, 21).requires_grad_(true), HALF))
                .isFalse();
        assertThat(FusedAttention.takes(q.to(ScalarType.BFloat16), k, k, null, HALF))
                .isFalse();
        assertThat(FusedAttention.takes(q, k.narrow(2, 0, 0), k.narrow(2, 0, 0), null, HALF))
                .isFalse();
        assertThat(FusedAttention.takes(q, k, randn(2, 2, 21, 5), null, HALF)).isFalse();
        try (var amp = Autocast.ofRun(Devices.cpu(), Precision.BF16)) {
            assertThat(FusedAttention.takes(q, k, k, null, HALF)).isFalse();
        }
        assertThatThrownBy(() -> FusedAttention.attend(q, k, k, null, whole))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Float (2, 2, 9, 4) with dropout 0.0; use nn.Attention");
    }
}
