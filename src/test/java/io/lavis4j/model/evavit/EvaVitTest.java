package io.lavis4j.model.evavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvaVitTest {

    private final PointerScope scope = new PointerScope();
    private final EvaVitConfig config = new EvaVitConfig(28, 14, 32, 2, 4, 64, 0, 1e-6);

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void free() {
        scope.close();
    }

    private EvaVit initialized() {
        var vit = new EvaVit(config);
        vit.initialize();
        vit.eval();
        return vit;
    }

    @Test
    void anotherImageSizeIsRefusedWithBothShapes() {
        var vit = initialized();
        assertThatThrownBy(() -> vit.forward(randn(2, 3, 42, 42)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected image (B, 3, 28, 28), got (2, 3, 42, 42)");
        assertThatThrownBy(() -> vit.forward(randn(4, 1, 28, 28))).hasMessageContaining("got (4, 1, 28, 28)");
    }

    @Test
    void reducedWeightsKeepTheResidualStreamInFloat32() {
        var vit = initialized();
        Tensor image = randn(2, 3, 28, 28);
        Tensor full = vit.forward(image);
        vit.convertWeights(ScalarType.BFloat16);
        Tensor reduced = vit.forward(image);
        assertThat(Tensors.dtype(reduced)).isEqualTo(ScalarType.Float);
        Golden.assertCloseToMax("bf16", reduced, full, 0.03);
    }

    @Test
    void initialisationScalesTheBranchesDownWithDepth() {
        var state = new EvaVit(new EvaVitConfig(28, 14, 64, 8, 4, 256, 0, 1e-6));
        state.initialize();
        double first = std(state, "blocks.0.mlp.fc2.weight"), last = std(state, "blocks.7.mlp.fc2.weight");
        assertThat(first / last).isBetween(0.9 * Math.sqrt(8), 1.1 * Math.sqrt(8));
        assertThat(std(state, "blocks.0.mlp.fc1.weight")).isBetween(0.018, 0.022);
        assertThat(state.unsetParameters()).isEmpty();
    }

    private static double std(EvaVit vit, String name) {
        return Golden.get(vit.stateDict(), name).std().item_double();
    }

    @Test
    void aWidthThatTheHeadsDoNotDivideIsRefused() {
        assertThatThrownBy(() -> new EvaVitConfig(28, 14, 30, 2, 4, 64, 0, 1e-6))
                .hasMessage("embedDim must be divisible by numHeads, got 30 and 4");
        assertThatThrownBy(() -> new EvaVitConfig(30, 14, 32, 2, 4, 64, 0, 1e-6))
                .hasMessage("imageSize must be a multiple of the patch size 14, got 30");
    }

    @Test
    void theGiantHasThePublishedNumberOfParameters() {
        assertThat(new EvaVit(EvaVitConfig.giant(224, 0)).numParameters()).isEqualTo(985_894_528L);
    }
}
