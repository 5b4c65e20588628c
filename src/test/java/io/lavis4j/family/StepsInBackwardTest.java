package io.lavis4j.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.fakecuda.DeviceModel;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No family has a parameter that is updated before all of its gradient has come, with recomputed blocks neither. */
@ExtendWith(LibtorchFirst.class)
class StepsInBackwardTest {

    private static final int STEPS = 2;

    private static Map<String, float[]> trained(String arch, boolean inBackward, Granularity granularity) {
        RandomState.seed(11);
        try (var model = DeviceModel.small(arch, "cpu");
                var blocks = new GradientCheckpoint(GradientCheckpoint.Mode.configured(), granularity)) {
            model.train(true, blocks);
            RandomState.seed(12);
            try (var steps = inBackward ? new BackwardSteps(model.optimizer()) : null) {
                for (int i = 0; i < STEPS; i++) {
                    try (var scope = new PointerScope()) {
                        if (steps == null) {
                            model.backward(model.loss(DeviceModel.texts(), DeviceModel.BATCH));
                            model.optimizer().step();
                            model.optimizer().zeroGrad();
                        } else {
                            model.step(steps, DeviceModel.texts(), DeviceModel.BATCH);
                        }
                    }
                }
            }
            var values = new LinkedHashMap<String, float[]>();
            model.module()
                    .trainableParameters()
                    .forEach((name, parameter) -> values.put(name, Tensors.floats(parameter)));
            return values;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2", "blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void areStepsAfterBackward(String arch) {
        var after = trained(arch, false, Granularity.FULL);
        for (var granularity : Granularity.values()) {
            var during = trained(arch, true, granularity);
            assertThat(during).containsOnlyKeys(after.keySet()).isNotEmpty();
            after.forEach((name, values) ->
                    assertThat(during.get(name)).as("%s, %s", name, granularity).containsExactly(values));
        }
    }
}
