package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeterminismTest {

    @AfterEach
    void restore() {
        Determinism.require(false);
    }

    @Test
    void anOperationWithoutARepeatableAlgorithmIsAnErrorOnlyWhereOneIsRequired() {
        try (var scope = new PointerScope()) {
            var place = torch.zeros(4);
            var index = Tensors.of(new long[] {1, 1}, Devices.cpu());
            var values = torch.ones(2);
            place.put_(index, values, false);

            Determinism.require(true);
            assertThatThrownBy(() -> place.put_(index, values, false)).hasMessageContaining("deterministic");

            Determinism.require(false);
            place.put_(index, values, false);
        }
    }

    @Test
    void cuDnnIsToldToo() {
        Determinism.require(true);
        assertThat(torch.globalContext().deterministicCuDNN()).isTrue();
        assertThat(torch.globalContext().benchmarkCuDNN()).isFalse();

        Determinism.require(false);
        assertThat(torch.globalContext().deterministicCuDNN()).isFalse();
    }

    @Test
    void newTensorsAreNotFilled() {
        Determinism.require(true);
        assertThat(torch.globalContext().deterministicFillUninitializedMemory()).isFalse();
    }
}
