package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.addmm;
import static org.bytedeco.pytorch.global.torch.get_num_threads;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.mm;
import static org.bytedeco.pytorch.global.torch.mv;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.set_num_threads;
import static org.bytedeco.pytorch.global.torch.softmax;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlasShimTest {
    private static final double EPSILON = Math.ulp(1.0f);
    private static final int[] EXTENTS = {1, 2, 3, 7, 16, 17, 33, 64, 100, 160};

    private int threadsBefore;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @BeforeEach
    void rememberThreads() {
        threadsBefore = get_num_threads();
    }

    @AfterEach
    void restoreThreads() {
        set_num_threads(threadsBefore);
    }

    @Test
    @DisabledIf("io.lavis4j.tensor.LibtorchTest#hasMkl")
    void receivesTheProductsOfLibtorch() {
        try (var scope = new PointerScope()) {
            var x = randn(64, 64);
            long before = BlasShim.counts().products();

            mm(x, x);

            assertThat(BlasShim.counts().products()).isEqualTo(before + 1);
        }
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    /** 40 seeds of 20 products each: plain, transposed, strided, batched, added to another matrix. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void randomProductsEqualTheSumInDouble(long seed) {
        var random = new Random(seed);
        manual_seed(seed);
        set_num_threads(1 + random.nextInt(4));
        for (int i = 0; i < 20; i++) {
            try (var scope = new PointerScope()) {
                long m = extent(random), k = extent(random), n = extent(random);
                var a = random.nextInt(4) == 0 ? batch(m, k, random) : matrix(m, k, random);
                var b = a.dim() == 3 && random.nextBoolean() ? batch(k, n, random) : matrix(k, n, random);
                String product = "seed %d, product %d: m %d, k %d, n %d, %d threads"
                        .formatted(seed, i, m, k, n, get_num_threads());

                assertProduct(product, matmul(a, b), a, b, 1, matmul(a, b).mul(new Scalar(0)), 0);
                if (a.dim() == 2) {
                    var c = matrix(m, n, random);
                    double alpha = random.nextInt(3) - 0.5;
                    double beta = random.nextInt(3) - 0.25;
                    var y = addmm(c, a, b, new Scalar(beta), new Scalar(alpha));
                    assertProduct(product + " + C", y, a, b, alpha, c, beta);
                }
            }
        }
    }

    @Test
    void vectorProductsEqualTheSumInDouble() {
        manual_seed(5);
        set_num_threads(2);
        try (var scope = new PointerScope()) {
            var w = randn(1030, 517);
            var x = randn(1, 517);

            assertProduct("linear", linear(x, w), x, w.t(), 1, linear(x, w), 0);
            assertProduct("by rows", mm(x, w.t().contiguous()), x, w.t(), 1, linear(x, w), 0);
            assertProduct("column", mm(w, x.t()), w, x.t(), 1, mm(w, x.t()), 0);
            assertProduct("mv", mv(w, x.view(517)).view(1030, 1), w, x.t(), 1, mm(w, x.t()), 0);
        }
    }

    @Test
    void oldValuesDoNotMatterWhenBetaIsZero() {
        try (var scope = new PointerScope()) {
            var a = randn(200, 100);
            var b = randn(100, 300);
            var notNumbers = randn(200, 300).fill_(new Scalar(Double.NaN));

            var y = addmm(notNumbers, a, b, new Scalar(0.0), new Scalar(1.0));

            assertProduct("beta 0", y, a, b, 1, mm(a, b), 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    @DisabledIf("io.lavis4j.tensor.LibtorchTest#hasMkl")
    void libtorchSaysHowManyThreads(int threads) {
        set_num_threads(threads);
        assertThat(blocksOfOneProduct()).isEqualTo(threads);

        set_num_threads(1);
        assertThat(blocksOfOneProduct()).isZero();
    }

    @Test
    @DisabledIf("io.lavis4j.tensor.LibtorchTest#hasMkl")
    void aNewJavaThreadHasTheThreadsThatWereSetElsewhere() {
        set_num_threads(3);
        var blocks = CompletableFuture.supplyAsync(
                BlasShimTest::blocksOfOneProduct, task -> new Thread(task, "new").start());

        assertThat(blocks.join()).isEqualTo(3);
    }

    @Test
    @DisabledIf("io.lavis4j.tensor.LibtorchTest#hasMkl")
    void attentionInsideAParallelRegionIsSerialAndRight() {
        manual_seed(11);
        set_num_threads(2);
        try (var scope = new PointerScope()) {
            var q = randn(2, 4, 130, 64);
            var k = randn(2, 4, 130, 64);
            var v = randn(2, 4, 130, 64);
            var before = BlasShim.counts();

            var y = scaled_dot_product_attention(q, k, v);

            var after = BlasShim.counts();
            assertThat(after.nested()).isGreaterThan(before.nested());
            assertThat(after.split()).isEqualTo(before.split());
            var scores = product(asDouble(q), asDouble(k).transpose(2, 3)).div(new Scalar(8.0));
            var expected = product(softmax(scores, 3), asDouble(v));
            // y averages values of size 1; the scores are sums of 64 products, of which the exponential is taken
            assertThat(largest(asDouble(y).sub(expected))).isLessThan(1e-5);
        }
    }

    @Test
    void gradientsOfALinearLayerEqualThoseInDouble() {
        manual_seed(12);
        set_num_threads(2);
        try (var scope = new PointerScope()) {
            var x = randn(130, 96).requires_grad_(true);
            var w = randn(210, 96).requires_grad_(true);
            var dy = randn(130, 210);

            linear(x, w).mul(dy).sum().backward();

            assertProduct("dx", x.grad(), dy, w.detach(), 1, dy.mm(w.detach()), 0);
            assertProduct("dw", w.grad(), dy.t(), x.detach(), 1, dy.t().mm(x.detach()), 0);
        }
    }

    private static long blocksOfOneProduct() {
        try (var scope = new PointerScope()) {
            var x = randn(256, 256);
            long before = BlasShim.counts().blocks();
            mm(x, x);
            return BlasShim.counts().blocks() - before;
        }
    }

    /**
     * Fails where y is further from alpha a b + beta c than k + 4 float epsilons of the sum of the absolute values: the
     * bound of a sum of k products in any order.
     */
    private static void assertProduct(String what, Tensor y, Tensor a, Tensor b, double alpha, Tensor c, double beta) {
        var old = asDouble(c).mul(new Scalar(beta));
        var expected = product(asDouble(a), asDouble(b)).mul(new Scalar(alpha)).add(old);
        var magnitude = product(asDouble(a).abs(), asDouble(b).abs())
                .mul(new Scalar(Math.abs(alpha)))
                .add(old.abs());
        double epsilons = a.size(-1) + 4;
        var excess = asDouble(y).sub(expected).abs().sub(magnitude.mul(new Scalar(epsilons * EPSILON)));
        assertThat(excess.max().item_double()).as(what).isNotPositive();
    }

    /** a b as a sum over elementwise products: without BLAS, which is what is tested. */
    private static Tensor product(Tensor a, Tensor b) {
        return a.unsqueeze(-2).mul(b.transpose(-1, -2).unsqueeze(-3)).sum(-1); // (..., m, 1, k) * (..., 1, n, k)
    }

    private static long extent(Random random) {
        return EXTENTS[random.nextInt(EXTENTS.length)];
    }

    /** (rows, cols), contiguous, transposed or a part of a wider matrix. */
    private static Tensor matrix(long rows, long cols, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> randn(rows, cols);
            case 1 -> randn(cols, rows).t();
            default -> randn(rows, cols + 5).narrow(1, 2, cols);
        };
    }

    /** (3, rows, cols), contiguous, transposed or a part of wider matrices. */
    private static Tensor batch(long rows, long cols, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> randn(3, rows, cols);
            case 1 -> randn(3, cols, rows).transpose(1, 2);
            default -> randn(3, rows, cols + 5).narrow(2, 2, cols);
        };
    }

    private static Tensor asDouble(Tensor x) {
        return x.to(ScalarType.Double);
    }

    private static double largest(Tensor x) {
        return x.abs().max().item_double();
    }
}
