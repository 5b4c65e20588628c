package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The state dict of PyTorch's optimizer. */
@ExtendWith(LibtorchFirst.class)
class AdamWTest {

    private static AdamW optimizer() {
        var decayed = new LinkedHashMap<String, Tensor>();
        decayed.put("weight", torch.ones(2, 2).requires_grad_(true));
        decayed.put("unused", torch.ones(1, 1).requires_grad_(true));
        Map<String, Tensor> others = Map.of("bias", torch.ones(2).requires_grad_(true));
        return new AdamW(
                List.of(new ParameterGroup(decayed, 0.05, 0.5), new ParameterGroup(others, 0, 1)),
                0.1,
                0.8,
                0.98,
                1e-6);
    }

    private static void step(AdamW optimizer) {
        for (int i : new int[] {0, 2}) {
            optimizer.parameters().get(i).square().sum().backward();
        }
        optimizer.step();
        optimizer.zeroGrad();
    }

    @Test
    void settingsAreThoseOfTheGroups() {
        try (var scope = new PointerScope();
                var optimizer = optimizer()) {
            optimizer.lr(0.025);
            List<?> groups = Checkpoints.get(optimizer.stateDict(), List.class, "param_groups");
            assertThat((Map<?, ?>) Checkpoints.get(groups, Map.class, 0))
                    .isEqualTo(settings(0.05, 0.5, List.of(0L, 1L)));
            assertThat((Map<?, ?>) Checkpoints.get(groups, Map.class, 1)).isEqualTo(settings(0, 1, List.of(2L)));
        }
    }

    private static Map<String, @Nullable Object> settings(double weightDecay, double lrScale, List<Long> params) {
        var settings = new LinkedHashMap<String, @Nullable Object>();
        settings.put("weight_decay", weightDecay);
        settings.put("lr_scale", lrScale);
        settings.put("lr", 0.025);
        settings.put("betas", List.of(0.8, 0.98));
        settings.put("eps", 1e-6);
        settings.put("amsgrad", false);
        settings.put("maximize", false);
        settings.put("foreach", null);
        settings.put("capturable", false);
        settings.put("differentiable", false);
        settings.put("fused", null);
        settings.put("params", params);
        return settings;
    }

    @Test
    void anotherGoesOnFromTheStateOfWhatHadGradients() {
        try (var scope = new PointerScope();
                var optimizer = optimizer();
                var other = optimizer()) {
            step(optimizer);
            Map<?, ?> states = Checkpoints.get(optimizer.stateDict(), Map.class, "state");
            assertThat(states).hasSize(2);
            assertThat(states.containsKey(0L) && states.containsKey(2L)).isTrue();
            other.loadStateDict(optimizer.stateDict());
            for (int i = 0; i < 3; i++) {
                other.parameters().get(i).detach().copy_(optimizer.parameters().get(i));
            }
            step(optimizer);
            step(other);
            for (int i = 0; i < 3; i++) {
                assertThat(Tensors.floats(other.parameters().get(i)))
                        .isEqualTo(Tensors.floats(optimizer.parameters().get(i)));
            }
        }
    }
}
