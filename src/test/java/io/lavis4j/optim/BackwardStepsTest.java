package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps while backward goes on, beside those after it. */
@ExtendWith(LibtorchFirst.class)
class BackwardStepsTest {

    private static final int WIDTH = 8;
    private static final int BLOCKS = 4;
    private static final int STEPS = 4;
    private static final long MATRIX = WIDTH * WIDTH * Float.BYTES;

    /** How blocks go backward, and bytes of a bucket. */
    record Case(GradientCheckpoint.@Nullable Mode mode, long bucketBytes) {}

    static Stream<Case> cases() {
        return Stream.of(null, GradientCheckpoint.Mode.HOOKS, GradientCheckpoint.Mode.SEGMENTED)
                .flatMap(mode -> Stream.of(0L, MATRIX, 3 * MATRIX, 1L << 30).map(bytes -> new Case(mode, bytes)));
    }

    /** Residual blocks, recomputed or not, with weights that decay and biases that do not. */
    private static final class Net implements AutoCloseable {

        private final Map<String, Tensor> weights = new LinkedHashMap<>();
        private final Map<String, Tensor> biases = new LinkedHashMap<>();
        private final AdamW optimizer;
        private final @Nullable GradientCheckpoint checkpoint;
        private boolean sharesBlocks;

        Net(GradientCheckpoint.@Nullable Mode mode) {
            RandomState.seed(5);
            for (int k = 0; k < BLOCKS; k++) {
                weights.put("w" + k, random(WIDTH, WIDTH).requires_grad_(true));
                biases.put("b" + k, random(WIDTH).requires_grad_(true));
            }
            optimizer = new AdamW(
                    List.of(new ParameterGroup(weights, 0.05, 1), new ParameterGroup(biases, 0, 1)), 0.01, 0.98);
            checkpoint = mode == null ? null : new GradientCheckpoint(mode);
        }

        private static Tensor random(long... shape) {
            return Scopes.retained(() -> torch.randn(shape).to(TestDevice.device(), ScalarType.Float));
        }

        private Tensor get(String name) {
            return Objects.requireNonNull(weights.getOrDefault(name, biases.get(name)));
        }

        private Tensor block(int k, Tensor x) {
            return x.add(x.matmul(get("w" + k)).add(get("b" + k)).tanh());
        }

        Tensor loss(int step) {
            var x = torch.arange(Tensors.scalar(1), Tensors.scalar(3 * WIDTH + 1))
                    .to(TestDevice.device(), ScalarType.Float)
                    .mul(Tensors.scalar(0.1 * (step + 1)))
                    .sin()
                    .view(3, WIDTH);
            for (int k = 0; k < BLOCKS; k++) {
                int block = sharesBlocks ? k / 2 : k;
                x = checkpoint == null ? block(block, x) : checkpoint.run(true, in -> block(block, in), x);
            }
            return x.square().mean();
        }

        void backward(Tensor loss) {
            if (checkpoint == null) {
                loss.backward();
            } else {
                checkpoint.backward(loss);
            }
        }

        /** Parameters and the optimizer's state. */
        Map<String, float[]> all() {
            var all = new LinkedHashMap<String, float[]>();
            try (var scope = new PointerScope()) {
                optimizer.names().forEach(name -> all.put(name, Tensors.floats(get(name))));
                Map<?, ?> states = Checkpoints.get(optimizer.stateDict(), Map.class, "state");
                states.forEach((number, state) -> List.of("step", "exp_avg", "exp_avg_sq")
                        .forEach(key -> all.put(
                                number + " " + key, Tensors.floats(Checkpoints.get(state, Tensor.class, key)))));
            }
            return all;
        }

        @Override
        public void close() {
            optimizer.close();
            if (checkpoint != null) {
                checkpoint.close();
            }
            weights.values().forEach(Tensor::close);
            biases.values().forEach(Tensor::close);
        }
    }

    private static Tensor flag(double value) {
        return torch.full(
                new long[] {1}, Tensors.scalar(value), Tensors.options(TestDevice.device(), ScalarType.Float));
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual).containsOnlyKeys(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).containsExactly(values));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parametersAndStateAreThoseOfStepsAfterBackward(Case how) {
        try (var plain = new Net(how.mode());
                var net = new Net(how.mode());
                var steps = new BackwardSteps(net.optimizer, how.bucketBytes())) {
            for (int i = 0; i < STEPS; i++) {
                double lr = 0.01 / (i + 1);
                try (var scope = new PointerScope()) {
                    plain.optimizer.lr(lr);
                    plain.backward(plain.loss(i));
                    var norm = GradNorm.of(plain.optimizer.gradients(), TestDevice.device());
                    plain.optimizer.step();
                    plain.optimizer.zeroGrad();

                    net.optimizer.lr(lr);
                    var loss = net.loss(i);
                    var found = steps.run(flag(0), () -> net.backward(loss));
                    assertThat(found.gradNorm().item_float()).isEqualTo(norm.item_float());
                    assertThat(found.isBad().item_float()).isZero();
                    assertThat(net.optimizer.gradients()).isEmpty();
                }
                assertSame(net.all(), plain.all());
            }
        }
    }

    /** Counts the gradients that are there when that of the first block's weight comes. */
    private static final class Count extends VoidTensorHook {

        private final AdamW optimizer;
        private int gradients = -1;

        Count(AdamW optimizer) {
            this.optimizer = optimizer;
        }

        @Override
        public void call(TensorBase gradient) {
            try (gradient;
                    var scope = new PointerScope()) {
                gradients = optimizer.gradients().size();
            }
        }
    }

    @Test
    void fewGradientsAreThereAtOnce() {
        try (var net = new Net(null);
                var steps = new BackwardSteps(net.optimizer, MATRIX);
                var count = new Count(net.optimizer);
                var scope = new PointerScope()) {
            count.retainReference();
            net.get("w0").register_hook(count);
            var loss = net.loss(0);
            steps.run(flag(0), () -> net.backward(loss));
            assertThat(count.gradients).isBetween(0, 1);
            net.get("w0").remove_hook(1);
        }
    }

    @Test
    void afterAGradientThatIsNotFiniteNothingIsUpdated() {
        try (var net = new Net(null);
                var steps = new BackwardSteps(net.optimizer, 0);
                var scope = new PointerScope()) {
            var before = net.all();
            var loss =
                    net.loss(0).add(net.get("w1").sum().mul(Tensors.scalar(0)).sqrt()); // a gradient of NaN
            var found = steps.run(flag(0), () -> net.backward(loss));
            assertThat(loss.item_float()).isFinite();
            assertThat(found.isBad().item_float()).isEqualTo(1);
            assertThat(found.gradNorm().item_float()).isNaN();
            var after = net.all();
            assertThat(after.get("w3")).as("came before").isNotEqualTo(before.get("w3"));
            for (var name : List.of("w1", "w0", "b0")) {
                assertThat(after.get(name)).as(name).containsExactly(before.get(name));
            }
            assertThat(after.get("0 step")).as("of w0").containsExactly(0);
            assertThat(net.optimizer.gradients()).isEmpty();

            var next = net.loss(1);
            assertThat(steps.run(flag(0), () -> net.backward(next)).isBad().item_float())
                    .isZero();
        }
    }

    @Test
    void aStepThatIsLeftOutUpdatesNothing() {
        try (var net = new Net(null);
                var steps = new BackwardSteps(net.optimizer, 0);
                var scope = new PointerScope()) {
            var before = net.all();
            var loss = net.loss(0);
            assertThat(steps.run(flag(1), () -> net.backward(loss)).isBad().item_float())
                    .isZero();
            var after = net.all();
            before.forEach(
                    (name, values) -> assertThat(after.get(name)).as(name).containsExactly(values));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aParameterOfTwoRecomputedBlocksIsRefused(GradientCheckpoint.Mode mode) {
        try (var net = new Net(mode);
                var steps = new BackwardSteps(net.optimizer, 0);
                var scope = new PointerScope()) {
            net.sharesBlocks = true;
            var loss = net.loss(0);
            assertThatThrownBy(() -> steps.run(flag(0), () -> net.backward(loss)))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("comes in parts")
                    .hasMessageContaining("set run.optimizer_in_backward=False");
        }
    }

    @Test
    void aParameterThatIsUsedTwiceInOneGraphIsNot() {
        try (var net = new Net(null);
                var steps = new BackwardSteps(net.optimizer, 0);
                var scope = new PointerScope()) {
            net.sharesBlocks = true;
            var loss = net.loss(0);
            assertThat(steps.run(flag(0), () -> net.backward(loss)).isBad().item_float())
                    .isZero();
        }
    }

    @Test
    void anotherBackwardLeavesItsGradients() {
        try (var net = new Net(null);
                var steps = new BackwardSteps(net.optimizer, 0);
                var scope = new PointerScope()) {
            var before = net.all();
            net.backward(net.loss(0));
            assertThat(net.optimizer.gradients()).hasSize(2 * BLOCKS);
            assertSame(net.all(), before);
        }
    }

    @Test
    void parametersOfSeveralTypesAreRefused() {
        try (var scope = new PointerScope()) {
            var mixed = new ArrayList<ParameterGroup>();
            for (var dtype : List.of(ScalarType.Float, ScalarType.BFloat16)) {
                mixed.add(new ParameterGroup(
                        Map.of(dtype.toString(), torch.ones(2).to(dtype).requires_grad_(true)), 0, 1));
            }
            try (var optimizer = new AdamW(mixed, 0.1, 0.9)) {
                assertThatThrownBy(() -> new BackwardSteps(optimizer))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("one device and type");
            }
        }
    }
}
