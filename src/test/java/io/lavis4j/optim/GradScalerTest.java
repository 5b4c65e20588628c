package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LibtorchFirst.class)
class GradScalerTest {

    private static Tensor parameter(float... values) {
        return torch.tensor(values).requires_grad_(true);
    }

    private static AdamW optimizer(Tensor parameter) {
        var parameters = new LinkedHashMap<String, Tensor>();
        parameters.put("weight", parameter);
        return new AdamW(List.of(new ParameterGroup(parameters, 0, 1)), 0.1, 0.999);
    }

    @Test
    void gradientsOfAScaledLossComeOutAsThoseOfTheLoss() {
        try (var scope = new PointerScope();
                var scaler = new GradScaler(Devices.cpu())) {
            var x = parameter(1, 2, 3);
            scaler.scale(x.square().sum()).backward();
            assertThat(Tensors.floats(x.grad())).containsExactly(131072, 262144, 393216);

            var foundInf = scaler.unscale(List.of(x.grad()));

            assertThat(Tensors.floats(x.grad())).containsExactly(2, 4, 6);
            assertThat(Tensors.floats(foundInf)).containsExactly(0);
        }
    }

    @Test
    void aStepWithAnInfiniteGradientIsNotTakenAndHalvesTheScale() {
        try (var scope = new PointerScope();
                var scaler = new GradScaler(Devices.cpu());
                var optimizer = optimizer(parameter(1, 2))) {
            var x = optimizer.parameters().get(0);
            scaler.scale(x.mul(Tensors.scalar(Double.MAX_VALUE)).sum()).backward();

            var foundInf = scaler.unscale(optimizer.gradients());
            optimizer.step(null, foundInf);
            scaler.update(foundInf);

            assertThat(Tensors.floats(foundInf)).containsExactly(1);
            assertThat(Tensors.floats(x)).containsExactly(1, 2);
            assertThat(scaler.stateDict()).containsEntry("scale", 32768.0);
            var step = Checkpoints.get(optimizer.stateDict(), Tensor.class, "state", 0, "step");
            assertThat(Tensors.floats(step)).as("steps taken").containsExactly(0);
        }
    }

    @Test
    void theScaleDoublesAfterTwoThousandGoodSteps() {
        try (var scope = new PointerScope();
                var scaler = new GradScaler(Devices.cpu())) {
            scaler.loadStateDict(Map.of("scale", 1024.0, "_growth_tracker", 1998L));
            var good = scaler.unscale(List.of(torch.ones(3)));

            scaler.update(good);
            assertThat(scaler.stateDict()).containsEntry("scale", 1024.0).containsEntry("_growth_tracker", 1999L);
            scaler.update(good);
            assertThat(scaler.stateDict()).containsEntry("scale", 2048.0).containsEntry("_growth_tracker", 0L);
        }
    }

    @Test
    void theStateOfADisabledScalerChangesNothing() {
        try (var scaler = new GradScaler(Devices.cpu())) {
            scaler.loadStateDict(Map.of());
            assertThat(scaler.stateDict()).containsEntry("scale", 65536.0);
        }
    }

    @Test
    void aStateWithoutScaleIsRefused() {
        try (var scaler = new GradScaler(Devices.cpu())) {
            assertThatThrownBy(() -> scaler.loadStateDict(Map.of("scale", "large")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("scale and _growth_tracker");
        }
    }

    @Test
    void clippingBoundsTheNormOfAllGradientsTogether() {
        try (var scope = new PointerScope()) {
            var a = torch.tensor(new float[] {3, 0});
            var b = torch.tensor(new float[] {4});

            var norm = GradNorm.of(List.of(a, b), Devices.cpu());
            assertThat(Tensors.floats(norm)).containsExactly(5);
            GradNorm.clip(List.of(a, b), norm, 10);
            assertThat(Tensors.floats(a)).containsExactly(3, 0);

            GradNorm.clip(List.of(a, b), norm, 1);
            float factor = (float) (1 / (5 + 1e-6));
            assertThat(Tensors.floats(a)[0]).isCloseTo(3 * factor, Offset.offset(1e-6f));
            assertThat(Tensors.floats(b)[0]).isCloseTo(4 * factor, Offset.offset(1e-6f));
        }
    }
}
