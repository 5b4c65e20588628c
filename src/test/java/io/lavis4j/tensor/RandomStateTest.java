package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.dropout;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.rand;
import static org.bytedeco.pytorch.global.torch.randn;

import java.util.ArrayList;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RandomStateTest {

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void close() {
        scope.close();
    }

    private static float[] random() {
        return Tensors.floats(Tensors.cat(0, rand(3), randn(5), dropout(ones(20), 0.5, true)));
    }

    @Test
    void theSameSeedGivesTheSameDraws() {
        RandomState.seed(3);
        var first = random();
        var further = random();
        RandomState.seed(3);

        assertThat(random()).isEqualTo(first);
        assertThat(further).isNotEqualTo(first);
    }

    /** torch.manual_seed(0); torch.rand(3) */
    @Test
    void drawsAreThoseOfPyTorch() {
        RandomState.seed(0);

        assertThat(Tensors.floats(rand(3))).containsExactly(0.4962566f, 0.7682218f, 0.08847743f);
    }

    @Test
    void restoreRepeatsWhatWasDrawnSinceTheCapture() {
        RandomState.seed(3);
        random();
        try (var state = RandomState.capture(Devices.cpu())) {
            var drawn = random();
            random();
            state.restore();
            assertThat(random()).isEqualTo(drawn);
            state.restore();
            assertThat(random()).isEqualTo(drawn);
        }
    }

    @Test
    void theStateOfACpuIsOneTensorOfBytes() {
        try (var state = RandomState.capture(Devices.cpu())) {
            assertThat(state.states())
                    .singleElement()
                    .satisfies(bytes -> assertThat(Tensors.dtype(bytes)).isEqualTo(ScalarType.Byte));
        }
    }

    @Test
    void aCapturedStateOutlivesTheScopeAndIsFreedOnClose() {
        var device = Devices.cpu();
        var handles = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            RandomState state;
            try (var inner = new PointerScope()) {
                state = RandomState.capture(device);
            }
            state.restore();
            state.close();
            handles.add(Pointer.totalCount());
        }

        assertThat(handles.get(2)).isLessThanOrEqualTo(handles.get(1));
    }
}
