package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TensorsTest {

    @Test
    void aRangeEndsBeforeItsEnd() {
        try (var scope = new PointerScope()) {
            var range = Tensors.range(3, 7, Devices.cpu());

            assertThat(Tensors.dtype(range)).isEqualTo(ScalarType.Long);
            assertThat(Tensors.longs(range)).containsExactly(3, 4, 5, 6);
            assertThat(Tensors.longs(Tensors.range(3, 3, Devices.cpu()))).isEmpty();
        }
    }

    @Test
    void wholeNumbersKeepIntegerTensors() {
        try (var scope = new PointerScope()) {
            var range = Tensors.range(0, 2, Devices.cpu());

            assertThat(Tensors.longs(range.add(Tensors.scalar(2)))).containsExactly(2, 3);
            assertThat(Tensors.dtype(range.add(Tensors.scalar(2)))).isEqualTo(ScalarType.Long);
            assertThat(Tensors.dtype(range.add(Tensors.scalar(2.0)))).isEqualTo(ScalarType.Float);
        }
    }
}
