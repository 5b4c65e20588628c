package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GradientCheckpointTest {

    private final ResidualNet net = new ResidualNet();
    private final PointerScope scope = new PointerScope();
    private Device device = Devices.cpu();

    @BeforeEach
    void initialize() {
        TestDevice.assumeAvailable();
        device = TestDevice.device();
        net.to(device);
        RandomState.seed(1);
        net.initialize();
    }

    @AfterEach
    void close() {
        if (net.checkpoint != null) {
            net.checkpoint.close();
        }
        scope.close();
        net.close();
    }

    /** What a block computes again. */
    GradientCheckpoint.Granularity granularity() {
        return GradientCheckpoint.Granularity.FULL;
    }

    private GradientCheckpoint checkpoint(GradientCheckpoint.Mode mode) {
        return new GradientCheckpoint(mode, granularity());
    }

    private Tensor batch(boolean requiresGrad) {
        return randn(2, 5, ResidualNet.WIDTH).to(device, ScalarType.Float).requires_grad_(requiresGrad);
    }

    private static Tensor squares(Tensor y) {
        return y.mul(y).sum();
    }

    /** {@code step} gets the net and returns the loss, backward done. */
    private StepResult result(GradientCheckpoint.@Nullable Mode mode, Tensor x, Function<ResidualNet, Tensor> step) {
        net.zeroGrad();
        x.mutable_grad().put(new Tensor());
        net.checkpoint = mode == null ? null : checkpoint(mode);
        RandomState.seed(7);
        float loss = step.apply(net).item_float();
        var tensors = net.namedParameters();
        tensors.put("x", x);
        return StepResult.now(loss, tensors);
    }

    private void assertSameAsThePlainRun(GradientCheckpoint.Mode mode, Tensor x, Function<ResidualNet, Tensor> step) {
        var plain = result(null, x, step);
        result(mode, x, step).assertSame(plain);
    }

    private void assertCloseToThePlainRun(GradientCheckpoint.Mode mode, Tensor x, Function<ResidualNet, Tensor> step) {
        var plain = result(null, x, step);
        result(mode, x, step).assertClose(plain);
    }

    private static Tensor oneStep(ResidualNet net, Tensor x) {
        var loss = squares(net.forward(x));
        net.backward(loss);
        return loss;
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, true", "HOOKS, false", "SEGMENTED, true", "SEGMENTED, false"})
    void gradientsAndRandomStateEqualThoseOfThePlainRun(GradientCheckpoint.Mode mode, boolean inputNeedsGradient) {
        var x = batch(inputNeedsGradient);

        assertSameAsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void theLastProductIsNotComputedAgain(GradientCheckpoint.Mode mode) {
        var layer = net.blocks.get(0).fc2;
        var strides = new ArrayList<Long>();

        try (var checkpoint = checkpoint(mode)) {
            var x = batch(true);
            var y = checkpoint.run(
                    true,
                    in -> {
                        var out = layer.forwardLast(Tensors.cat(-1, in, in));
                        strides.add(out.stride(-1));
                        return out;
                    },
                    x);
            checkpoint.backward(squares(y));
        }

        assertThat(strides).containsExactly(1L, 0L); // one number of memory for each row
    }

    @ParameterizedTest
    @EnumSource
    void gradientsReachWhatComesBeforeTheBlocks(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertSameAsThePlainRun(mode, x, n -> oneStep(n, gelu(x)));
    }

    @ParameterizedTest
    @EnumSource
    void gradientsAccumulateOverTwoBatches(GradientCheckpoint.Mode mode) {
        var x = batch(true);
        var other = batch(false);

        assertSameAsThePlainRun(mode, x, n -> {
            oneStep(n, x);
            return oneStep(n, other);
        });
    }

    @ParameterizedTest
    @EnumSource
    void oneBackwardServesTwoForwardPasses(GradientCheckpoint.Mode mode) {
        var x = batch(true);
        var other = batch(false);

        assertSameAsThePlainRun(mode, x, n -> {
            var loss = squares(n.forward(x)).add(squares(n.forward(other)));
            n.backward(loss);
            return loss;
        });
    }

    @ParameterizedTest
    @EnumSource
    void theLossMayUseTheOutputsOfAllBlocks(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertCloseToThePlainRun(mode, x, n -> {
            var loss = n.outputs(x).stream()
                    .map(GradientCheckpointTest::squares)
                    .reduce(Tensor::add)
                    .orElseThrow();
            n.backward(loss);
            return loss;
        });
    }

    @ParameterizedTest
    @EnumSource
    void theLossMayLeaveTheLastBlockOut(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertSameAsThePlainRun(mode, x, n -> {
            var loss = squares(n.outputs(x).get(1));
            n.backward(loss);
            return loss;
        });
    }

    @ParameterizedTest
    @EnumSource
    void evalModeWithGradientsEqualsThePlainRun(GradientCheckpoint.Mode mode) {
        net.eval();
        var x = batch(true);

        assertSameAsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void frozenBlocksPassTheGradientOn(GradientCheckpoint.Mode mode) {
        net.requiresGrad(false);
        var x = batch(true);

        assertSameAsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void aTrainedBlockBetweenFrozenOnesGetsItsGradient(GradientCheckpoint.Mode mode) {
        net.requiresGrad(false);
        net.blocks.get(1).requiresGrad(true);
        var x = batch(false);

        assertSameAsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsRecomputedWithoutGradients(GradientCheckpoint.Mode mode) {
        net.checkpoint = checkpoint(mode);
        var x = batch(false);
        try (var noGrad = new NoGradGuard()) {
            net.forward(batch(true));
        }
        net.freeze();

        var y = net.forward(x);

        assertThat(y.requires_grad()).isFalse();
        var head = ones(ResidualNet.WIDTH).to(device, ScalarType.Float).requires_grad_(true);
        net.backward(y.mul(head).sum());
        assertThat(head.grad().defined()).isTrue();
        assertThat(net.calls()).isEqualTo(2 * ResidualNet.DEPTH);
    }

    @ParameterizedTest
    @EnumSource
    void everyBlockRunsTwicePerStep(GradientCheckpoint.Mode mode) {
        net.checkpoint = checkpoint(mode);

        oneStep(net, batch(false));

        assertThat(net.blocks).allSatisfy(block -> assertThat(block.calls).isEqualTo(2));
    }

    @Test
    void plainBackwardWorksWithHooks() {
        var x = batch(true);

        assertCloseToThePlainRun(GradientCheckpoint.Mode.HOOKS, x, n -> {
            var loss = squares(n.forward(x)).add(squares(n.forward(gelu(x))));
            loss.backward();
            return loss;
        });
    }

    @ParameterizedTest
    @EnumSource
    void autocastIsReplayed(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertSameAsThePlainRun(mode, x, n -> {
            Tensor loss;
            try (var amp = Autocast.ofRun(device, Precision.BF16)) {
                loss = squares(n.forward(x));
            }
            n.backward(loss);
            return loss;
        });
    }

    @Test
    void plainBackwardInSegmentedModeIsAnErrorAtTheNextForward() {
        net.checkpoint = checkpoint(GradientCheckpoint.Mode.SEGMENTED);
        var x = batch(false);
        squares(net.forward(x)).backward();

        assertThatThrownBy(() -> net.forward(x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call GradientCheckpoint.backward(loss)");
    }

    @ParameterizedTest
    @EnumSource
    void aFailingRecomputationIsAnExceptionAndTheNextStepIsAsIfItHadNotBeen(GradientCheckpoint.Mode mode) {
        var x = batch(true);
        var plain = result(null, x, n -> oneStep(n, x));
        net.checkpoint = checkpoint(mode);
        var failing = net.blocks.get(1);
        failing.failing = failing.calls + 2;
        assertThatThrownBy(() -> oneStep(net, x))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("call 3");

        result(mode, x, n -> oneStep(n, x)).assertSame(plain);
    }

    @ParameterizedTest
    @EnumSource
    void aFailingRecomputationLeavesTheRandomStateAlone(GradientCheckpoint.Mode mode) {
        net.checkpoint = checkpoint(mode);
        net.blocks.get(1).failing = 2;
        var loss = squares(net.forward(batch(false)));
        var before = StepResult.randomStateNow();

        assertThatThrownBy(() -> net.backward(loss)).isInstanceOf(RuntimeException.class);

        assertThat(StepResult.randomStateNow()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void aSecondLossAfterTheStepIsAnError(GradientCheckpoint.Mode mode) {
        net.checkpoint = checkpoint(mode);
        var first = squares(net.forward(batch(false)));
        var second = squares(net.forward(batch(false)));
        net.backward(first);

        assertThatThrownBy(() -> net.backward(second))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("whose step is over");
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, true", "HOOKS, false", "SEGMENTED, true"})
    void aSecondBackwardFromOneLossIsAnError(GradientCheckpoint.Mode mode, boolean closed) {
        net.checkpoint = checkpoint(mode);
        var loss = net.forward(batch(false)).sum();
        loss.backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
        if (closed) {
            net.checkpoint.close();
        }

        assertThatThrownBy(loss::backward)
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining(closed ? "whose step is over" : "a second backward");
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, false", "HOOKS, true", "SEGMENTED, false"})
    void everyStepFreesWhatItMade(GradientCheckpoint.Mode mode, boolean plainBackward) {
        net.checkpoint = checkpoint(mode);
        var handles = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            try (var step = new PointerScope()) {
                var loss = squares(net.forward(batch(false)));
                if (plainBackward) {
                    loss.backward();
                } else {
                    net.backward(loss);
                }
            }
            handles.add(Pointer.totalCount());
        }

        assertThat(handles.get(2)).isLessThanOrEqualTo(handles.get(1));
    }

    @ParameterizedTest
    @EnumSource
    void forwardPassesWithoutBackwardAreFreedWithTheNextStep(GradientCheckpoint.Mode mode) {
        net.checkpoint = checkpoint(mode);
        var handles = new ArrayList<Long>();
        for (int forwards : new int[] {1, 1, 5}) {
            try (var step = new PointerScope()) {
                for (int i = 0; i < forwards; i++) {
                    net.forward(batch(false));
                }
                oneStep(net, batch(false));
            }
            handles.add(Pointer.totalCount());
        }

        assertThat(handles.get(2)).isLessThanOrEqualTo(handles.get(1));
    }

    @Test
    void aSystemPropertyNamesTheMode() {
        assertThat(GradientCheckpoint.Mode.configured()).isEqualTo(GradientCheckpoint.Mode.HOOKS);
        try {
            System.setProperty("lavis4j.checkpoint", "segmented");
            assertThat(GradientCheckpoint.Mode.configured()).isEqualTo(GradientCheckpoint.Mode.SEGMENTED);
            System.setProperty("lavis4j.checkpoint", "none");
            assertThatThrownBy(GradientCheckpoint.Mode::configured)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("lavis4j.checkpoint must be hooks or segmented, got \"none\"");
        } finally {
            System.clearProperty("lavis4j.checkpoint");
        }
    }
}
