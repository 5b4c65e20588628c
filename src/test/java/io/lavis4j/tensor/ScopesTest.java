package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.ones;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScopesTest {

    @Test
    void keepFreesTemporariesAndHandsTheResultToTheEnclosingScope() {
        var temporaries = new ArrayList<Tensor>();
        Tensor kept;
        try (var scope = new PointerScope()) {
            kept = Scopes.keep(() -> {
                temporaries.add(ones(2));
                return temporaries.get(0).add(temporaries.get(0));
            });

            assertThat(temporaries.get(0).isNull()).isTrue();
            assertThat(Tensors.floats(kept)).containsExactly(2, 2);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void keepWithoutAnEnclosingScopeLeavesTheResultToTheCaller() {
        var kept = Scopes.keep(() -> ones(2));

        assertThat(kept.referenceCount()).isEqualTo(1);
        kept.close();
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void aResultLeavesAsManyScopesAsKeepItAndIsFreedWithTheOutermost() {
        Tensor kept;
        try (var scope = new PointerScope()) {
            kept = Scopes.keep(() -> Scopes.keep(() -> Scopes.keep(() -> ones(2))));

            assertThat(kept.referenceCount()).isEqualTo(1);
            assertThat(Tensors.floats(kept)).containsExactly(1, 1);
        }
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void keepMayReturnWhatItDidNotMake() {
        try (var owned = Scopes.retained(() -> ones(2))) {
            try (var scope = new PointerScope()) {
                assertThat(Scopes.keep(() -> owned)).isSameAs(owned);
            }
            assertThat(Tensors.floats(owned)).containsExactly(1, 1);
        }
    }

    @Test
    void aFailingBodyFreesItsTemporaries() {
        var temporaries = new ArrayList<Tensor>();

        assertThatThrownBy(() -> Scopes.keep(() -> {
                    temporaries.add(ones(2));
                    return temporaries.get(0).view(3);
                }))
                .isInstanceOf(RuntimeException.class);

        assertThat(temporaries.get(0).isNull()).isTrue();
        assertThat(PointerScope.getInnerScope()).isNull();
    }

    @Test
    void replaceClosesWhatItReplaces() {
        try (var scope = new PointerScope()) {
            var first = ones(2);

            var second = Scopes.replace(first, x -> x.add(x));

            assertThat(first.isNull()).isTrue();
            assertThat(Tensors.floats(second)).containsExactly(2, 2);
        }
    }

    @Test
    void replaceWorksWithoutAnEnclosingScope() {
        var first = Scopes.retained(() -> ones(2));

        try (var second = Scopes.replace(first, x -> x.add(x))) {
            assertThat(first.isNull()).isTrue();
            assertThat(second.referenceCount()).isEqualTo(1);
        }
    }

    @Test
    void replaceKeepsATensorThatItsStepReturns() {
        try (var scope = new PointerScope()) {
            var x = ones(2);

            assertThat(Tensors.floats(Scopes.replace(x, same -> same))).containsExactly(1, 1);
        }
    }

    @Test
    void throughClosesInputsAndTemporariesOfEveryBlock() {
        var inputs = new ArrayList<Tensor>();
        var temporaries = new ArrayList<Tensor>();
        try (var scope = new PointerScope()) {
            long before = Pointer.totalCount();

            var y = Scopes.through(() -> ones(2).add(ones(2)), List.of(3, 5, 7), (factor, x) -> {
                inputs.add(x);
                temporaries.add(x.mul(Tensors.scalar(factor)));
                return temporaries.get(temporaries.size() - 1).add(x);
            });

            assertThat(Tensors.floats(y)).containsExactly(2 * 4 * 6 * 8, 2 * 4 * 6 * 8);
            assertThat(inputs).hasSize(3).allMatch(x -> x.isNull());
            assertThat(temporaries).hasSize(3).allMatch(x -> x.isNull());
            y.close();
            assertThat(Pointer.totalCount()).isEqualTo(before);
        }
    }

    @Test
    void throughNoBlockIsTheStart() {
        try (var scope = new PointerScope()) {
            var y = Scopes.through(() -> ones(2), List.<Integer>of(), (block, x) -> x.neg());

            assertThat(Tensors.floats(y)).containsExactly(1, 1);
        }
    }

    @Test
    void throughWithoutAnEnclosingScopeLeavesTheResultToTheCaller() {
        try (var y = Scopes.through(() -> ones(2), List.of(1, 2), (block, x) -> x.add(x))) {
            assertThat(y.referenceCount()).isEqualTo(1);
            assertThat(Tensors.floats(y)).containsExactly(4, 4);
        }
    }

    @Test
    void gradientsFlowThroughWhatThroughHasClosed() {
        try (var scope = new PointerScope()) {
            var start = ones(2).requires_grad_(true);

            Scopes.through(start::alias, List.of(1, 2, 3), (block, x) -> x.mul(x))
                    .sum()
                    .backward();

            assertThat(Tensors.floats(start.grad())).containsExactly(8, 8); // of x^8 at 1
        }
    }

    @Test
    void traceKeepsTheStartAndEveryOutput() {
        var temporaries = new ArrayList<Tensor>();
        try (var scope = new PointerScope()) {
            var states = Scopes.trace(() -> ones(1), List.of(3, 5), (factor, x) -> {
                temporaries.add(x.mul(Tensors.scalar(factor)));
                return temporaries.get(temporaries.size() - 1).alias();
            });

            assertThat(states.stream().map(x -> x.item_float())).containsExactly(1f, 3f, 15f);
            assertThat(temporaries).allMatch(x -> x.isNull());
        }
    }

    @Test
    void noScopeFreesARetainedTensor() {
        Tensor retained;
        try (var scope = new PointerScope()) {
            retained = Scopes.retained(() -> ones(2).add(ones(2)));
        }

        assertThat(retained.referenceCount()).isEqualTo(1);
        assertThat(Tensors.floats(retained)).containsExactly(2, 2);
        retained.close();
        assertThat(retained.isNull()).isTrue();
    }
}
