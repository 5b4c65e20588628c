package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.rand;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChunkedCrossEntropyTest {

    private static final long V = 50;
    private static final long W = 12;
    private static final long N = 2 * ChunkedCrossEntropy.ROWS + 70;
    private static final double SMOOTHING = 0.1;

    private final PointerScope scope = new PointerScope();
    private Tensor x = new Tensor();
    private Tensor weight = new Tensor();
    private Tensor bias = new Tensor();
    private Tensor targets = new Tensor();

    @BeforeEach
    void draw() {
        RandomState.seed(1);
        x = randn(N, W).requires_grad_(true);
        weight = randn(V, W);
        bias = randn(V);
        targets = randint(V, new long[] {N}).to(ScalarType.Long);
        targets.narrow(0, 3, 20).fill_(Tensors.scalar(CrossEntropy.IGNORE_INDEX));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor head(Tensor rows) {
        return Linear.apply(rows, weight, bias);
    }

    /** The gradient of a leaf, which is forgotten. */
    private static Tensor taken(Tensor leaf) {
        var gradient = leaf.grad().clone();
        leaf.mutable_grad().zero_();
        return gradient;
    }

    private static void assertClose(String what, Tensor actual, Tensor expected, double rtol) {
        Golden.assertClose(what, actual, expected, rtol * expected.abs().max().item_double(), 0);
    }

    /** A loss scale, as that of mixed precision, changes gradients as it changes those of all rows at once. */
    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void lossesAndGradientsAreThoseOfAllRowsAtOnce(Precision precision) {
        double rtol = precision == Precision.FP32 ? 1e-6 : 2e-2;
        var perRow = rand(N);
        UnaryOperator<Tensor> weighted = losses -> losses.mul(perRow).sum().mul(Tensors.scalar(4096.0));
        Tensor expected;
        Tensor actual;
        try (var region = Autocast.ofRun(x.device(), precision)) {
            expected = CrossEntropy.perRow(head(x), targets);
            actual = ChunkedCrossEntropy.perRow(x, this::head, targets);
        }
        assertClose("losses", actual, expected, precision == Precision.FP32 ? 1e-6 : 1e-2);
        weighted.apply(expected).backward();
        var gradient = taken(x);
        weighted.apply(actual).backward();
        assertClose("gradient", taken(x), gradient, rtol);
    }

    @Test
    void theMeanIsOverTheRowsThatCount() {
        var expected = CrossEntropy.mean(head(x), targets);
        var actual = ChunkedCrossEntropy.mean(x, this::head, targets);
        assertClose("mean", actual, expected, 1e-6);
        expected.backward();
        var gradient = taken(x);
        actual.backward();
        assertClose("gradient", taken(x), gradient, 1e-6);
        try (var noGrad = new NoGradGuard()) {
            assertClose("without gradients", ChunkedCrossEntropy.mean(x, this::head, targets), expected, 1e-6);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void aTrainedHeadGetsItsGradientsToo(Precision precision) {
        double rtol = precision == Precision.FP32 ? 2e-6 : 2e-2;
        weight.requires_grad_(true);
        bias.requires_grad_(true);
        var head = new ChunkedCrossEntropy.Head(weight, bias);
        Tensor expected;
        Tensor actual;
        try (var region = Autocast.ofRun(x.device(), precision)) {
            expected = CrossEntropy.mean(head(x), targets, SMOOTHING);
            actual = ChunkedCrossEntropy.mean(x, head, targets, SMOOTHING);
        }
        assertClose("mean", actual, expected, precision == Precision.FP32 ? 1e-6 : 1e-2);
        expected.mul(Tensors.scalar(512.0)).backward();
        Tensor[] gradients = {taken(x), taken(weight), taken(bias)};
        actual.mul(Tensors.scalar(512.0)).backward();
        assertClose("gradient", taken(x), gradients[0], rtol);
        assertClose("gradient of the weight", taken(weight), gradients[1], rtol);
        assertClose("gradient of the bias", taken(bias), gradients[2], rtol);
    }

    @ParameterizedTest
    @CsvSource({"false, true, true", "true, true, false", "true, false, true", "false, false, true"})
    void eachPartOfAHeadIsTrainedOnItsOwn(boolean input, boolean ofWeight, boolean ofBias) {
        x.requires_grad_(input);
        weight.requires_grad_(ofWeight);
        bias.requires_grad_(ofBias);
        var trained = Stream.of(x, weight, bias).filter(Tensor::requires_grad).toList();
        CrossEntropy.mean(head(x), targets, SMOOTHING).backward();
        var gradients = trained.stream().map(ChunkedCrossEntropyTest::taken).toList();
        ChunkedCrossEntropy.mean(x, new ChunkedCrossEntropy.Head(weight, bias), targets, SMOOTHING)
                .backward();
        for (int i = 0; i < gradients.size(); i++) {
            assertClose("gradient " + i, taken(trained.get(i)), gradients.get(i), 3e-6);
        }
        assertThat(weight.grad().defined()).isEqualTo(ofWeight);
        assertThat(bias.grad().defined()).isEqualTo(ofBias);
    }

    /** As padding may be; their gradient is not a number either way. */
    @Test
    void rowsThatDoNotCountAreZeroWhateverIsInThem() {
        try (var noGrad = new NoGradGuard()) {
            x.select(0, 5).fill_(Tensors.scalar(Double.POSITIVE_INFINITY));
        }
        var losses = ChunkedCrossEntropy.perRow(x, this::head, targets);
        assertClose("losses", losses, CrossEntropy.perRow(head(x), targets), 1e-6);
        assertThat(losses.requires_grad()).isTrue();
    }

    /** A function may use weights of which nothing else is known. */
    @Test
    void aTrainedFunctionIsAppliedToAllRows() {
        weight.requires_grad_(true);
        CrossEntropy.mean(head(x), targets).backward();
        var gradient = taken(weight);
        ChunkedCrossEntropy.mean(x, this::head, targets).backward();
        assertThat(Tensors.floats(taken(weight))).isEqualTo(Tensors.floats(gradient));
    }

    @Test
    void noMoreThanSomeRowsAreScoredAtOnce() {
        var rows = new ArrayList<Long>();
        ChunkedCrossEntropy.mean(
                x,
                part -> {
                    rows.add(part.size(0));
                    return head(part);
                },
                targets);
        assertThat(rows).containsExactly(0L, ChunkedCrossEntropy.ROWS, ChunkedCrossEntropy.ROWS, 70L);
    }

    @Test
    void stepsLeaveNothing() {
        var counts = new ArrayList<Long>();
        for (int step = 0; step < 5; step++) {
            try (var own = new PointerScope()) {
                ChunkedCrossEntropy.mean(x, this::head, targets).backward();
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts.subList(1, 5)).containsOnly(counts.get(1));
    }
}
