package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Parameters of several types in one group: a multi-tensor kernel of CUDA takes those of one device and type. */
class MixedTypesTest {

    private static Tensor parameter(ScalarType dtype, double... values) {
        return torch.tensor(values).to(dtype).requires_grad_(true);
    }

    private static AdamW optimizer(Map<String, Tensor> parameters) {
        return new AdamW(List.of(new ParameterGroup(parameters, 0.05, 1)), 0.1, 0.999);
    }

    @Test
    void aListHasOneDeviceAndOneType() {
        try (var scope = new PointerScope()) {
            var float0 = parameter(ScalarType.Float, 1);
            var half = parameter(ScalarType.Half, 1);
            var float1 = parameter(ScalarType.Float, 2);
            var elsewhere = torch.zeros(new long[] {1}, Tensors.options(new Device("meta"), ScalarType.Float));

            assertThat(Alike.lists(List.of(float0, half, elsewhere, float1), tensor -> tensor))
                    .containsExactly(List.of(float0, float1), List.of(half), List.of(elsewhere));
        }
    }

    /** Each as if it were alone, and the state dict as if there were one type. */
    @Test
    void everyParameterOfAGroupIsUpdatedInItsOwnType() {
        try (var scope = new PointerScope()) {
            var together = new LinkedHashMap<String, Tensor>();
            for (var dtype : List.of(ScalarType.Float, ScalarType.BFloat16, ScalarType.Half)) {
                together.put("first " + dtype, parameter(dtype, 1, -2));
                together.put("second " + dtype, parameter(dtype, 0.5));
            }
            try (var optimizer = optimizer(together)) {
                steps(optimizer);
                together.forEach((name, parameter) -> {
                    double[] start = name.startsWith("first") ? new double[] {1, -2} : new double[] {0.5};
                    var alone = parameter(Tensors.dtype(parameter), start);
                    try (var other = optimizer(Map.of(name, alone))) {
                        steps(other);
                    }
                    assertThat(torch.equal(parameter, alone)).as(name).isTrue();
                });
                for (int i = 0; i < together.size(); i++) {
                    var moment = Checkpoints.get(optimizer.stateDict(), Tensor.class, "state", i, "exp_avg");
                    assertThat(Tensors.dtype(moment))
                            .isEqualTo(Tensors.dtype(optimizer.parameters().get(i)));
                }
            }
        }
    }

    private static void steps(AdamW optimizer) {
        for (int i = 0; i < 3; i++) {
            optimizer.parameters().forEach(p -> p.square().sum().backward());
            optimizer.step();
            optimizer.zeroGrad();
        }
    }

    @Test
    void theNormIsThatOfAllGradientsAndDoesNotOverflowInFp16() {
        try (var scope = new PointerScope()) {
            var wide = torch.tensor(new double[] {0, 40000}).to(ScalarType.Float);
            var half = torch.tensor(new double[] {30000, 0, 0}).to(ScalarType.Half);

            var gradients = List.of(wide, half);
            GradNorm.clip(gradients, GradNorm.of(gradients, Devices.cpu()), 5);

            assertThat(Tensors.floats(wide)[1]).isCloseTo(4, within(1e-4f));
            assertThat(Tensors.floats(half)[0]).isCloseTo(3, within(1e-2f));
        }
    }

    @Test
    void gradientsOf16BitsAreNotUnscaled() {
        try (var scope = new PointerScope();
                var scaler = new GradScaler(Devices.cpu())) {
            var gradients = List.of(torch.ones(2), torch.ones(2).to(ScalarType.BFloat16));

            assertThatThrownBy(() -> scaler.unscale(gradients))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected gradients in float32, got BFloat16: store what is trained in fp32, or train"
                            + " without run.amp");
        }
    }

    @Test
    void withoutGradientsNothingIsInfinite() {
        try (var scope = new PointerScope();
                var scaler = new GradScaler(Devices.cpu())) {
            assertThat(Tensors.floats(scaler.unscale(List.of()))).containsExactly(0);
        }
    }
}
