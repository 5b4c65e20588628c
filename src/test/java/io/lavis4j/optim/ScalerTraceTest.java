package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.io.JsonFile;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The scaler and PyTorch's on the same gradients, some of which are not finite. */
@ExtendWith(LibtorchFirst.class)
class ScalerTraceTest {

    private static final JsonNode TRACE = JsonFile.of(Path.of("src/test/resources/scaler/trace.json"), "a trace")
            .tree();

    private static GradScaler scaler() {
        return new GradScaler(
                Devices.cpu(),
                new GradScaler.Growth(
                        TRACE.get("init_scale").asDouble(),
                        TRACE.get("growth_factor").asDouble(),
                        TRACE.get("backoff_factor").asDouble(),
                        TRACE.get("growth_interval").asLong()));
    }

    @Test
    void scaleStepsAndParametersArePyTorchs() {
        try (var scope = new PointerScope();
                var scaler = scaler()) {
            var parameters = List.of(parameter(1), parameter(2));
            var named = new LinkedHashMap<String, Tensor>();
            named.put("a", parameters.get(0));
            named.put("b", parameters.get(1));
            try (var optimizer = new AdamW(List.of(new ParameterGroup(named, 0.05, 1)), 0.1, 0.999)) {
                int number = 0;
                int skipped = 0;
                for (var step : TRACE.get("steps")) {
                    skipped += step(step, parameters, optimizer, scaler) ? 1 : 0;
                    String at = "after step " + number++;
                    var state = scaler.stateDict();
                    assertThat(state.get("scale"))
                            .as("scale " + at)
                            .isEqualTo(step.get("scale").asDouble());
                    assertThat(state.get("_growth_tracker"))
                            .as("good steps in a row " + at)
                            .isEqualTo(step.get("growth_tracker").asLong());
                    for (int i = 0; i < parameters.size(); i++) {
                        assertThat(parameters.get(i).item_double())
                                .as("parameter %d %s", i, at)
                                .isCloseTo(step.get("parameters").get(i).asDouble(), within(1e-6));
                    }
                }
                assertThat(skipped).as("steps that were not taken").isEqualTo(9);
            }
        }
    }

    private static Tensor parameter(float value) {
        return torch.tensor(new float[] {value}).requires_grad_(true);
    }

    /** Whether it was skipped. */
    private static boolean step(JsonNode step, List<Tensor> parameters, AdamW optimizer, GradScaler scaler) {
        var loss = torch.zeros(1);
        for (int i = 0; i < parameters.size(); i++) {
            double gradient = number(step.get("gradients").get(i).asText());
            loss = loss.add(parameters.get(i).mul(Tensors.scalar(gradient)));
        }
        scaler.scale(loss.sum()).backward();
        var foundInf = scaler.unscale(optimizer.gradients());
        optimizer.step(null, foundInf);
        scaler.update(foundInf);
        optimizer.zeroGrad();
        return foundInf.item_double() == 1;
    }

    private static double number(String python) {
        return switch (python) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> Double.parseDouble(python);
        };
    }
}
