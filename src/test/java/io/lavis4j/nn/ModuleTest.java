package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.full;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModuleTest {

    private static final List<String> STATE =
            List.of("scale", "positions", "table.weight", "inner.norm.weight", "inner.norm.bias", "head.weight");

    private final Tree tree = new Tree();
    private final PointerScope scope = new PointerScope();

    /** A parameter, a buffer, a child with a dot in its name, one without a name, and a tied weight. */
    private static final class Tree extends Module {

        private final Tensor scale = parameter("scale", 3);
        private final Embedding table;
        private final Wrapper wrapper;

        Tree() {
            buffer("positions", () -> arange(new Scalar(4)));
            table = child("table", new Embedding(5, 3));
            wrapper = child("", new Wrapper());
            child("head", new Linear(table.weight()));
        }
    }

    private static final class Wrapper extends Module {

        private final LayerNorm norm = child("inner.norm", new LayerNorm(3, 1e-5));
    }

    private static final class Twice extends Module {

        Twice() {
            parameter("x", 1);
            parameter("x", 1);
        }
    }

    @AfterEach
    void close() {
        scope.close();
        tree.close();
    }

    private static Tensor constant(double value, long... shape) {
        return full(shape, new Scalar(value));
    }

    private static Map<String, Tensor> state() {
        var state = new LinkedHashMap<String, Tensor>();
        state.put("scale", constant(1, 3));
        state.put("positions", constant(2, 4));
        state.put("table.weight", constant(3, 5, 3));
        state.put("inner.norm.weight", constant(4, 3));
        state.put("inner.norm.bias", constant(5, 3));
        return state;
    }

    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }

    @Test
    void namesFollowTheTree() {
        assertThat(tree.stateDict().keySet()).containsExactlyElementsOf(STATE);
    }

    @Test
    void aTiedParameterIsOneParameterUnderTwoNames() {
        assertThat(tree.namedParameters().keySet())
                .containsExactly("scale", "table.weight", "inner.norm.weight", "inner.norm.bias");
        assertThat(tree.stateDict().get("head.weight"))
                .isSameAs(tree.stateDict().get("table.weight"));
        assertThat(tree.numParameters()).isEqualTo(3 + 5 * 3 + 3 + 3);
    }

    @Test
    void refusesANameTwice() {
        assertThatThrownBy(Twice::new)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a module holds \"x\" twice");
    }

    @Test
    void trainAndEvalReachEveryModule() {
        tree.eval();
        assertThat(tree.wrapper.norm.isTraining()).isFalse();
        tree.train(true);
        assertThat(tree.wrapper.norm.isTraining()).isTrue();
    }

    @Test
    void whatIsFrozenStaysInEvalMode() {
        tree.wrapper.freeze();

        tree.train(true);

        assertThat(tree.isTraining()).isTrue();
        assertThat(tree.table.isTraining()).isTrue();
        assertThat(tree.wrapper.isTraining()).isFalse();
        assertThat(tree.wrapper.norm.isTraining()).isFalse();
        assertThat(tree.wrapper.isTrained()).isFalse();
        assertThat(tree.isTrained()).isTrue();
        assertThat(tree.trainableParameters().keySet()).containsExactly("scale", "table.weight");
    }

    @Test
    void switchingGradientsOffLeavesTheModeAlone() {
        tree.requiresGrad(false);

        tree.train(true);

        assertThat(tree.trainableParameters()).isEmpty();
        assertThat(tree.wrapper.norm.isTraining()).isTrue();
        tree.requiresGrad(true);
        assertThat(tree.trainableParameters()).hasSize(4);
    }

    @Test
    void checkpointsLeaveFrozenParametersOutAndKeepBuffers() {
        tree.wrapper.freeze();
        assertThat(tree.trainableStateDict().keySet())
                .containsExactly("scale", "positions", "table.weight", "head.weight");

        tree.table.requiresGrad(false);
        assertThat(tree.trainableStateDict().keySet()).containsExactly("scale", "positions");
    }

    @Test
    void aFrozenParameterAdoptsTheTensorAndATrainedOneCopiesIt() {
        tree.wrapper.freeze();
        var state = state();

        tree.load(state).requireComplete("state");

        var loaded = tree.stateDict();
        state.put("head.weight", get(state, "table.weight"));
        state.forEach((name, value) ->
                assertThat(Tensors.floats(get(loaded, name))).as(name).isEqualTo(Tensors.floats(value)));
        assertThat(address(get(loaded, "inner.norm.weight"))).isEqualTo(address(get(state, "inner.norm.weight")));
        assertThat(address(get(loaded, "scale"))).isNotEqualTo(address(get(state, "scale")));
        assertThat(address(get(loaded, "table.weight"))).isNotEqualTo(address(get(state, "table.weight")));
    }

    @Test
    void anAdoptedTensorOutlivesTheOneGiven() {
        tree.freeze();
        try (var file = new PointerScope()) {
            tree.load(state());
        }

        assertThat(Tensors.floats(tree.scale)).containsExactly(1, 1, 1);
    }

    @Test
    void aFrozenParameterOfAnotherTypeIsConverted() {
        tree.freeze();
        var state = state();
        state.replaceAll((name, tensor) -> tensor.to(ScalarType.Half));

        tree.load(state);

        assertThat(Tensors.dtype(tree.scale)).isEqualTo(ScalarType.Float);
        assertThat(Tensors.floats(tree.scale)).containsExactly(1, 1, 1);
    }

    @Test
    void loadingAgainWritesIntoTrainedParameters() {
        tree.load(state());
        long before = address(tree.scale);
        var other = Map.of("scale", constant(9, 3));

        tree.load(other);

        assertThat(address(tree.scale)).isEqualTo(before);
        assertThat(Tensors.floats(tree.scale)).containsExactly(9, 9, 9);
        assertThat(tree.scale.requires_grad()).isTrue();
    }

    @Test
    void everyWrongShapeIsNamedAndNothingIsChanged() {
        tree.load(state());
        var state = state();
        state.replaceAll((name, tensor) -> tensor.add(new Scalar(10)));
        state.put("scale", constant(0, 4));
        state.put("head.weight", constant(0, 3, 5));

        assertThatThrownBy(() -> tree.load(state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 tensor(s) have another shape than the model: scale: expected (3), got (4);"
                        + " head.weight: expected (5, 3), got (3, 5)");

        assertThat(Tensors.floats(get(tree.stateDict(), "inner.norm.weight"))).containsOnly(4);
        assertThat(Tensors.floats(tree.scale)).containsOnly(1);
    }

    @Test
    void theReportSortsNamesByWhatBecameOfThem() {
        tree.wrapper.freeze();
        var state = state();
        state.remove("scale");
        state.remove("inner.norm.bias");
        state.put("surplus", ones(1));

        var report = tree.load(state);

        assertThat(report.loaded()).containsExactly("positions", "table.weight", "inner.norm.weight");
        assertThat(report.missing()).containsExactly("scale");
        assertThat(report.missingFrozen()).containsExactly("inner.norm.bias");
        assertThat(report.unexpected()).containsExactly("surplus");
        assertThat(report)
                .hasToString("3 loaded, 1 missing by design (frozen) [inner.norm.bias], 1 missing [scale],"
                        + " 1 unexpected [surplus]");
        assertThatThrownBy(() -> report.requireComplete("file.pth"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("file.pth does not fit this model: 3 loaded");
    }

    @Test
    void aMissingBufferIsMissingAlthoughItIsNotTrained() {
        tree.freeze();
        var state = state();
        state.remove("positions");

        assertThat(tree.load(state).missing()).containsExactly("positions");
    }

    @Test
    void aNewParameterIsUnsetAndTakesOneNumber() {
        assertThat(tree.unsetParameters())
                .containsExactlyElementsOf(tree.namedParameters().keySet());
        assertThat(tree.namedParameters().values()).allSatisfy(p -> {
            assertThat(Tensors.floats(p)).containsOnly(Float.NaN);
            assertThat(p.storage().nbytes()).isEqualTo(p.element_size());
        });

        Init.constant(tree.scale, 1);
        tree.load(Map.of("table.weight", constant(3, 5, 3)));

        assertThat(tree.unsetParameters()).containsExactly("inner.norm.weight", "inner.norm.bias");
    }

    @Test
    void anUnsetParameterStaysUnsetWhereverItGoes() {
        tree.to(ScalarType.BFloat16);
        tree.to(Devices.cpu());

        assertThat(tree.unsetParameters()).hasSize(4);
        assertThat(tree.namedParameters().values()).allSatisfy(p -> {
            assertThat(Tensors.dtype(p)).isEqualTo(ScalarType.BFloat16);
            assertThat(Tensors.floats(p)).containsOnly(Float.NaN);
            assertThat(p.storage().nbytes()).isEqualTo(2);
            assertThat(p.requires_grad()).isTrue();
        });
    }

    @Test
    void aWrongShapeForAnUnsetParameterIsNamedToo() {
        assertThatThrownBy(() -> tree.load(Map.of("table.weight", constant(0, 5, 4))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 tensor(s) have another shape than the model: table.weight: expected (5, 3), got (5, 4)");
        assertThat(tree.unsetParameters()).hasSize(4);
    }

    @Test
    void conversionKeepsValuesAndTies() {
        tree.load(state());

        tree.to(ScalarType.BFloat16);

        assertThat(Tensors.floats(tree.scale)).containsOnly(1);
        assertThat(tree.stateDict().get("head.weight")).isSameAs(tree.table.weight());
        assertThat(Tensors.dtype(tree.table.weight())).isEqualTo(ScalarType.BFloat16);
        assertThat(Tensors.dtype(get(tree.stateDict(), "positions"))).isNotEqualTo(ScalarType.BFloat16);
    }

    @Test
    void onlyLinearAndConvolutionLayersAreConvertedToHalfPrecision() {
        tree.load(state());
        var linear = tree.child("linear", new Linear(2, 2, true));
        linear.initialize();

        tree.convertWeights(ScalarType.Half);

        assertThat(Tensors.dtype(linear.weight())).isEqualTo(ScalarType.Half);
        assertThat(Tensors.dtype(get(linear.stateDict(), "bias"))).isEqualTo(ScalarType.Half);
        assertThat(Tensors.dtype(tree.scale)).isEqualTo(ScalarType.Float);
        assertThat(Tensors.dtype(get(tree.stateDict(), "inner.norm.weight"))).isEqualTo(ScalarType.Float);
    }

    @Test
    void zeroGradSetsGradientsToNone() {
        tree.load(state());
        tree.scale.sum().backward();
        assertThat(tree.scale.grad().defined()).isTrue();

        tree.zeroGrad();

        assertThat(tree.scale.grad().defined()).isFalse();
    }

    @Test
    void closingFreesEveryTensorOnce() {
        var other = new Tree();
        var tensors = other.stateDict().values();

        other.close();

        assertThat(tensors.stream().filter(tensor -> !tensor.isNull()).count()).isZero();
    }

    private static Tensor get(Map<String, Tensor> tensors, String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new AssertionError("no " + name + " in " + tensors.keySet());
        }
        return tensor;
    }
}
