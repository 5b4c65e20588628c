package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.dropout;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GradientCheckpointTest {

    private static final int WIDTH = 8;
    private static final int DEPTH = 3;
    private static final double DROPOUT = 0.3;

    private final Net net = new Net();
    private final PointerScope scope = new PointerScope();

    /** Residual blocks with dropout. */
    private static final class Net extends Module {

        private final List<Block> blocks = new ArrayList<>();
        private @Nullable GradientCheckpoint checkpoint;

        Net() {
            for (int i = 0; i < DEPTH; i++) {
                blocks.add(child("blocks." + i, new Block()));
            }
        }

        List<Tensor> outputs(Tensor x) {
            var outputs = new ArrayList<Tensor>();
            for (var block : blocks) {
                var h = outputs.isEmpty() ? x : outputs.get(outputs.size() - 1);
                outputs.add(Scopes.keep(
                        () -> checkpoint == null ? block.forward(h) : checkpoint.run(block, block::forward, h)));
            }
            return outputs;
        }

        Tensor forward(Tensor x) {
            return outputs(x).get(DEPTH - 1);
        }

        int calls() {
            return blocks.stream().mapToInt(block -> block.calls).sum();
        }

        void backward(Tensor loss) {
            if (checkpoint == null) {
                loss.backward();
            } else {
                checkpoint.backward(loss);
            }
        }
    }

    private static final class Block extends Module {

        private final Linear fc1 = child("fc1", new Linear(WIDTH, 2 * WIDTH, true));
        private final Linear fc2 = child("fc2", new Linear(2 * WIDTH, WIDTH, true));
        private int calls;
        private int failing;

        Tensor forward(Tensor x) {
            if (++calls == failing) {
                throw new IllegalArgumentException("call " + calls);
            }
            return x.add(dropout(fc2.forward(gelu(fc1.forward(x))), DROPOUT, isTraining()));
        }
    }

    @BeforeEach
    void initialize() {
        RandomState.seed(1);
        net.blocks.forEach(block -> {
            block.fc1.initialize();
            block.fc2.initialize();
        });
    }

    @AfterEach
    void close() {
        if (net.checkpoint != null) {
            net.checkpoint.close();
        }
        scope.close();
        net.close();
    }

    private static Tensor batch(boolean requiresGrad) {
        return randn(2, 5, WIDTH).requires_grad_(requiresGrad);
    }

    private static Tensor squares(Tensor y) {
        return y.mul(y).sum();
    }

    /** Everything that one training step leaves behind. */
    private record Result(float loss, Map<String, float[]> gradients, float[] randomState) {

        void assertEqual(Result expected, double tolerance) {
            assertThat(loss).isEqualTo(expected.loss);
            assertThat(gradients.keySet()).isEqualTo(expected.gradients.keySet());
            expected.gradients.forEach((name, gradient) -> assertThat(
                            difference(gradients.getOrDefault(name, new float[0]), gradient))
                    .as("gradient of %s, largest relative difference", name)
                    .isLessThanOrEqualTo(tolerance));
            assertThat(randomState).isEqualTo(expected.randomState);
        }

        private static double difference(float[] actual, float[] expected) {
            double largest = 0, max = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(actual[i] - (double) expected[i]));
                max = Math.max(max, Math.abs(expected[i]));
            }
            return largest / max;
        }
    }

    /** {@code step} gets the net and returns the loss, backward done. */
    private Result result(GradientCheckpoint.@Nullable Mode mode, Tensor x, Function<Net, Tensor> step) {
        net.zeroGrad();
        x.mutable_grad().put(new Tensor());
        net.checkpoint = mode == null ? null : new GradientCheckpoint(mode);
        RandomState.seed(7);
        float loss = step.apply(net).item_float();
        var gradients = new LinkedHashMap<String, float[]>();
        var tensors = net.namedParameters();
        tensors.put("x", x);
        tensors.forEach((name, tensor) -> {
            if (tensor.grad().defined()) {
                gradients.put(name, Tensors.floats(tensor.grad()));
            }
        });
        try (var state = RandomState.capture(Devices.cpu())) {
            return new Result(
                    loss, gradients, Tensors.floats(state.states().get(0).to(Tensors.dtype(x))));
        }
    }

    private void assertEqualsThePlainRun(GradientCheckpoint.Mode mode, Tensor x, Function<Net, Tensor> step) {
        assertEqualsThePlainRun(mode, x, 0, step);
    }

    /** Where three gradients meet, recomputation adds them in another order. */
    private void assertEqualsThePlainRun(
            GradientCheckpoint.Mode mode, Tensor x, double tolerance, Function<Net, Tensor> step) {
        var plain = result(null, x, step);
        assertThat(plain.gradients()).isNotEmpty();
        result(mode, x, step).assertEqual(plain, tolerance);
    }

    private static Tensor oneStep(Net net, Tensor x) {
        var loss = squares(net.forward(x));
        net.backward(loss);
        return loss;
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, true", "HOOKS, false", "SEGMENTED, true", "SEGMENTED, false"})
    void gradientsAndRandomStateEqualThoseOfThePlainRun(GradientCheckpoint.Mode mode, boolean inputNeedsGradient) {
        var x = batch(inputNeedsGradient);

        assertEqualsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void gradientsReachWhatComesBeforeTheBlocks(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertEqualsThePlainRun(mode, x, n -> oneStep(n, gelu(x)));
    }

    @ParameterizedTest
    @EnumSource
    void gradientsAccumulateOverTwoBatches(GradientCheckpoint.Mode mode) {
        var x = batch(true);
        var other = batch(false);

        assertEqualsThePlainRun(mode, x, n -> {
            oneStep(n, x);
            return oneStep(n, other);
        });
    }

    @ParameterizedTest
    @EnumSource
    void oneBackwardServesTwoForwardPasses(GradientCheckpoint.Mode mode) {
        var x = batch(true);
        var other = batch(false);

        assertEqualsThePlainRun(mode, x, n -> {
            var loss = squares(n.forward(x)).add(squares(n.forward(other)));
            n.backward(loss);
            return loss;
        });
    }

    @ParameterizedTest
    @EnumSource
    void theLossMayUseTheOutputsOfAllBlocks(GradientCheckpoint.Mode mode) {
        var x = batch(true);

        assertEqualsThePlainRun(mode, x, 1e-6, n -> {
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

        assertEqualsThePlainRun(mode, x, n -> {
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

        assertEqualsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void frozenBlocksPassTheGradientOn(GradientCheckpoint.Mode mode) {
        net.requiresGrad(false);
        var x = batch(true);

        assertEqualsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void aTrainedBlockBetweenFrozenOnesGetsItsGradient(GradientCheckpoint.Mode mode) {
        net.requiresGrad(false);
        net.blocks.get(1).requiresGrad(true);
        var x = batch(false);

        assertEqualsThePlainRun(mode, x, n -> oneStep(n, x));
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsRecomputedWithoutGradients(GradientCheckpoint.Mode mode) {
        net.checkpoint = new GradientCheckpoint(mode);
        var x = batch(false);
        try (var noGrad = new NoGradGuard()) {
            net.forward(batch(true));
        }
        net.freeze();

        var y = net.forward(x);

        assertThat(y.requires_grad()).isFalse();
        var head = ones(WIDTH).requires_grad_(true);
        net.backward(y.mul(head).sum());
        assertThat(head.grad().defined()).isTrue();
        assertThat(net.calls()).isEqualTo(2 * DEPTH);
    }

    @ParameterizedTest
    @EnumSource
    void everyBlockRunsTwicePerStep(GradientCheckpoint.Mode mode) {
        net.checkpoint = new GradientCheckpoint(mode);

        oneStep(net, batch(false));

        assertThat(net.blocks).allSatisfy(block -> assertThat(block.calls).isEqualTo(2));
    }

    @Test
    void plainBackwardWorksWithHooks() {
        var x = batch(true);

        assertEqualsThePlainRun(GradientCheckpoint.Mode.HOOKS, x, 1e-6, n -> {
            var loss = squares(n.forward(x)).add(squares(n.forward(gelu(x))));
            loss.backward();
            return loss;
        });
    }

    @Test
    void plainBackwardInSegmentedModeIsAnErrorAtTheNextForward() {
        net.checkpoint = new GradientCheckpoint(GradientCheckpoint.Mode.SEGMENTED);
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
        net.checkpoint = new GradientCheckpoint(mode);
        var failing = net.blocks.get(1);
        failing.failing = failing.calls + 2;
        RandomState.seed(7);
        try (var before = RandomState.capture(Devices.cpu())) {
            assertThatThrownBy(() -> oneStep(net, x))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("call 3");
        }

        result(mode, x, n -> oneStep(n, x)).assertEqual(plain, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aFailingRecomputationLeavesTheRandomStateAlone(GradientCheckpoint.Mode mode) {
        net.checkpoint = new GradientCheckpoint(mode);
        net.blocks.get(1).failing = 2;
        var loss = squares(net.forward(batch(false)));
        try (var before = RandomState.capture(Devices.cpu())) {
            assertThatThrownBy(() -> net.backward(loss)).isInstanceOf(RuntimeException.class);
            try (var after = RandomState.capture(Devices.cpu())) {
                assertThat(after.states().get(0).equal(before.states().get(0))).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecondLossAfterTheStepIsAnError(GradientCheckpoint.Mode mode) {
        net.checkpoint = new GradientCheckpoint(mode);
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
        net.checkpoint = new GradientCheckpoint(mode);
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
        net.checkpoint = new GradientCheckpoint(mode);
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

        assertThat(handles.get(2)).isEqualTo(handles.get(1));
    }

    @ParameterizedTest
    @EnumSource
    void forwardPassesWithoutBackwardAreFreedWithTheNextStep(GradientCheckpoint.Mode mode) {
        net.checkpoint = new GradientCheckpoint(mode);
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

        assertThat(handles.get(2)).isEqualTo(handles.get(1));
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
