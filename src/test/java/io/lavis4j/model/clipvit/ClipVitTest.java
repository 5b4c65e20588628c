package io.lavis4j.model.clipvit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class ClipVitTest {

    @Test
    void reducedWeightsMakeTheResidualStreamReducedToo() {
        try (var scope = new PointerScope()) {
            RandomState.seed(1);
            var vit = new ClipVit(new ClipVitConfig(28, 14, 32, 2, 4));
            vit.initialize();
            vit.eval();
            Tensor image = randn(2, 3, 28, 28);
            Tensor full = vit.forward(image);
            vit.convertWeights(ScalarType.BFloat16);
            Tensor reduced = vit.forward(image);
            assertThat(Tensors.dtype(reduced)).isEqualTo(ScalarType.BFloat16);
            Golden.assertCloseToMax("bf16", reduced, full, 0.05);
        }
    }

    @Test
    void anotherImageSizeIsRefusedWithBothShapes() {
        try (var scope = new PointerScope()) {
            var vit = new ClipVit(new ClipVitConfig(28, 14, 32, 2, 4));
            assertThatThrownBy(() -> vit.forward(randn(2, 3, 42, 42)))
                    .hasMessage("expected image (B, 3, 28, 28), got (2, 3, 42, 42)");
        }
    }
}
