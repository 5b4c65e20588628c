package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.zeros;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {

    private static final long B = 2;
    private static final long H = 3;
    private static final long N = 7;
    private static final long M = 11;
    private static final long WIDTH = 8;

    private final PointerScope scope = new PointerScope();
    private Tensor q = ones(1);
    private Tensor k = ones(1);
    private Tensor v = ones(1);

    @BeforeEach
    void draw() {
        RandomState.seed(1);
        q = randn(B, H, N, WIDTH).requires_grad_(true);
        k = randn(B, H, M, WIDTH).requires_grad_(true);
        v = randn(B, H, M, WIDTH).requires_grad_(true);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** softmax(q k^T / sqrt(d) + mask) v, in double precision. */
    private static Tensor definition(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
        var scores = matmul(q.to(ScalarType.Double), k.to(ScalarType.Double).transpose(2, 3))
                .div(new Scalar(Math.sqrt(q.size(3))));
        var masked = mask == null ? scores : scores.add(mask);
        return matmul(softmax(masked, 3), v.to(ScalarType.Double));
    }

    /** The last three rows of k and v are hidden in the second sample. */
    private static Tensor mask() {
        var mask = zeros(B, 1, 1, M);
        mask.select(0, 1).narrow(2, M - 3, 3).fill_(new Scalar(-1e4));
        return mask;
    }

    private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
        float[] a = Tensors.floats(actual), e = Tensors.floats(expected);
        assertThat(a).hasSameSizeAs(e);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).as("element " + i).isCloseTo(e[i], within((float) tolerance));
        }
    }

    @ParameterizedTest
    @CsvSource({"Float, 1e-5", "BFloat16, 0.1"})
    void withoutTheScaleScoresAreTheProducts(ScalarType dtype, double tolerance) {
        var expected = definition(q.mul(new Scalar(Math.sqrt(WIDTH))), k, v, mask());
        var actual = Attention.attendUnscaled(q.to(dtype), k.to(dtype), v.to(dtype), mask(), 0);
        assertClose(actual, expected, tolerance);
    }

    @ParameterizedTest
    @CsvSource({"Float, false, 1e-6", "Float, true, 1e-6", "BFloat16, false, 0.03", "BFloat16, true, 0.03"})
    void valueAndGradientsAreThoseOfTheDefinition(ScalarType dtype, boolean masked, double tolerance) {
        var mask = masked ? mask() : null;
        var weight = randn(B, H, N, WIDTH);
        var expected = definition(q, k, v, mask);
        expected.mul(weight).sum().backward();
        var expectedGradients =
                new Tensor[] {q.grad().clone(), k.grad().clone(), v.grad().clone()};
        for (var tensor : new Tensor[] {q, k, v}) {
            tensor.mutable_grad().zero_();
        }

        var y = Attention.attend(q.to(dtype), k.to(dtype), v.to(dtype), mask, 0);
        y.mul(weight.to(dtype)).sum().backward();

        assertThat(Tensors.dtype(y)).isEqualTo(dtype);
        assertClose(y, expected, tolerance);
        assertClose(q.grad(), expectedGradients[0], 4 * tolerance);
        assertClose(k.grad(), expectedGradients[1], 4 * tolerance);
        assertClose(v.grad(), expectedGradients[2], 4 * tolerance);
    }

    @ParameterizedTest
    @CsvSource({"Float, 1e-6", "BFloat16, 0.03"})
    void whereTokensSeeTokensUpToThemselvesNoMaskIsNeeded(ScalarType dtype, double tolerance) {
        var keys = k.narrow(2, 0, N);
        var values = v.narrow(2, 0, N);
        var weight = randn(B, H, N, WIDTH);
        var expected = definition(q, keys, values, AdditiveMask.causal(N, q.device()));
        expected.mul(weight).sum().backward();
        var expectedGradients =
                new Tensor[] {q.grad().clone(), k.grad().clone(), v.grad().clone()};
        for (var tensor : new Tensor[] {q, k, v}) {
            tensor.mutable_grad().zero_();
        }

        var y = Attention.attendCausally(q.to(dtype), keys.to(dtype), values.to(dtype));
        y.mul(weight.to(dtype)).sum().backward();

        assertThat(Tensors.dtype(y)).isEqualTo(dtype);
        assertClose(y, expected, tolerance);
        assertClose(q.grad(), expectedGradients[0], 4 * tolerance);
        assertClose(k.grad(), expectedGradients[1], 4 * tolerance);
        assertClose(v.grad(), expectedGradients[2], 4 * tolerance);
    }

    @ParameterizedTest
    @CsvSource({"Float, 1e-6", "BFloat16, 0.03"})
    void groupsOfNeighbouringHeadsShareKeysAndValues(ScalarType dtype, double tolerance) {
        var grouped = randn(B, 2 * H, N, WIDTH);
        var expected = definition(
                grouped,
                k.repeat_interleave(2, new LongOptional(1), new LongOptional()),
                v.repeat_interleave(2, new LongOptional(1), new LongOptional()),
                mask());

        assertClose(Attention.attend(grouped.to(dtype), k.to(dtype), v.to(dtype), mask(), 0), expected, tolerance);
    }

    @ParameterizedTest
    @CsvSource({"Float", "BFloat16"})
    void hiddenRowsDoNotMatter(ScalarType dtype) {
        var other = v.detach().clone();
        other.select(0, 1).narrow(1, M - 3, 3).fill_(new Scalar(100));
        var mask = mask();

        var y = Attention.attend(q.to(dtype), k.to(dtype), v.to(dtype), mask, 0);

        assertClose(Attention.attend(q.to(dtype), k.to(dtype), other.to(dtype), mask, 0), y, 0);
    }

    @ParameterizedTest
    @CsvSource({"Float", "BFloat16"})
    void dropoutKeepsTheMean(ScalarType dtype) {
        var x = zeros(B, H, 64, WIDTH).to(dtype);
        var values = ones(B, H, 64, WIDTH).to(dtype);

        var y = Attention.attend(x, x, values, null, 0.5);

        assertThat(Tensors.floats(y).length).isEqualTo((int) (B * H * 64 * WIDTH));
        assertThat(y.to(ScalarType.Float).mean().item_float()).isCloseTo(1, within(0.05f));
        assertThat(y.to(ScalarType.Float).std().item_float()).isGreaterThan(0.05f);
    }

    @Test
    void manyQueriesWithoutGradientsAreThoseOfTheDefinition() {
        Tensor many = randn(B, H, 40, WIDTH), keys = k.detach(), values = v.detach();
        assertClose(Attention.attend(many, keys, values, mask(), 0), definition(many, keys, values, mask()), 1e-6);
    }

    @Test
    void dropoutDropsWeightsByTheMaskThatIsDrawnForThem() {
        RandomState.seed(2);
        var y = Attention.attend(q, k, v, mask(), 0.5);
        RandomState.seed(2);
        var scores = matmul(q, k.transpose(2, 3)).div(new Scalar(Math.sqrt(WIDTH)));
        var weights = Dropout.dropout(softmax(scores.add(mask()), 3), 0.5, true);
        assertClose(y, matmul(weights, v), 1e-6);
        assertThat(y.requires_grad()).isTrue();
    }

    @Test
    void headsAreNeighbouringColumns() {
        var x = arange(new Scalar(12)).view(1, 2, 6); // (B, N, D)

        var heads = Attention.splitHeads(x, 3);

        assertThat(heads.shape()).containsExactly(1, 3, 2, 2);
        assertThat(Tensors.floats(heads.select(1, 1))).containsExactly(2, 3, 8, 9);
        assertClose(Attention.joinHeads(heads), x, 0);
    }

    @Test
    void aRecomputedBlockHasTheValuesOfOneThatIsNot() {
        var tokens = randn(B, H, 64, WIDTH).requires_grad_(true);
        var plain = Attention.attend(tokens, tokens, tokens, null, 0);
        try (var checkpoint = new GradientCheckpoint(GradientCheckpoint.Mode.HOOKS)) {
            var again = checkpoint.run(true, x -> Attention.attend(x, x, x, null, 0), tokens);
            assertThat(Tensors.floats(again)).isEqualTo(Tensors.floats(plain));
        }
    }

    @Test
    void inMixedPrecisionOnACpuItIsMadeOfProductsNotByTheFusedKernel() {
        assumeFalse(torch.hasMKL(), "with MKL the fused kernel is fast");
        Tensor q16 = q.to(ScalarType.BFloat16), k16 = k.to(ScalarType.BFloat16), v16 = v.to(ScalarType.BFloat16);
        var scores = matmul(q16, k16.transpose(2, 3)).mul(new Scalar(1 / Math.sqrt(WIDTH)));
        var weights = softmax(scores.to(ScalarType.Float), 3).to(ScalarType.BFloat16);
        var products = Tensors.floats(matmul(weights, v16));
        var fused = scaled_dot_product_attention(q16, k16, v16);
        try (var amp = Autocast.ofRun(Devices.cpu(), Precision.BF16)) {
            assertThat(Tensors.floats(Attention.attend(q, k, v, null, 0))).isEqualTo(products);
        }
        assertThat(Tensors.floats(fused)).as("rounded elsewhere").isNotEqualTo(products);
    }
}
