package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdditiveMaskTest {

    private static final float NO = -30000;

    private final PointerScope scope = new PointerScope();
    private final Tensor attentionMask = Tensors.of(new long[][] {{1, 1, 1}, {0, 1, 1}}, Devices.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    private static float[] values(Tensor mask) {
        return Tensors.floats(mask.add(Tensors.scalar(0))); // -0 becomes 0
    }

    @Test
    void paddingIsHiddenFromAll() {
        var mask = AdditiveMask.padding(attentionMask);

        assertThat(mask.shape()).containsExactly(2, 1, 1, 3);
        assertThat(Tensors.dtype(mask)).isEqualTo(ScalarType.Float);
        assertThat(values(mask)).containsExactly(0, 0, 0, NO, 0, 0);
    }

    @Test
    void aTokenSeesRealTokensUpToItself() {
        var mask = AdditiveMask.causal(attentionMask);

        assertThat(mask.shape()).containsExactly(2, 1, 3, 3);
        assertThat(values(mask)).containsExactly(0, NO, NO, 0, 0, NO, 0, 0, 0, NO, NO, NO, NO, 0, NO, NO, 0, 0);
    }

    @Test
    void withoutPaddingTheMaskIsThatOfOneRow() {
        var mask = AdditiveMask.causal(3, Devices.cpu());

        assertThat(mask.shape()).containsExactly(3, 3);
        assertThat(Tensors.floats(mask))
                .containsExactly(Tensors.floats(AdditiveMask.causal(attentionMask.narrow(0, 0, 1))));
    }

    @Test
    void theMaskOfAForwardIsConvertedOnce() {
        var mask = AdditiveMask.causal(attentionMask);

        var fused = AdditiveMask.fused(mask, ScalarType.Half);

        assertThat(Tensors.dtype(fused)).isEqualTo(ScalarType.Half);
        assertThat(fused.shape()).containsExactly(mask.shape());
        assertThat(values(fused)).containsExactly(values(mask));
    }

    @Test
    void whatIsAddedMayBeChosen() {
        var mask = AdditiveMask.of(attentionMask, -10000);

        assertThat(values(mask)).containsExactly(0, 0, 0, -10000, 0, 0);
    }

    @Test
    void aHiddenWeightIsZeroAndFiniteInEveryDtype() {
        for (var dtype : new ScalarType[] {ScalarType.Half, ScalarType.BFloat16, ScalarType.Float}) {
            var mask = AdditiveMask.padding(attentionMask).to(dtype);

            assertThat(Tensors.floats(mask)).doesNotContain(Float.NEGATIVE_INFINITY);
            assertThat(Tensors.floats(Attention.weights(mask, ScalarType.Float).select(0, 1)))
                    .containsExactly(0, 0.5f, 0.5f);
        }
    }
}
