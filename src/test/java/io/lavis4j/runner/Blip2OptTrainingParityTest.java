package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GroupsParity;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Blip2OptTrainingParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("c_blip2_opt_train_frozen_vit", "c_blip2_opt_train_train_vit")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    t.add("parameter groups", () -> new Case(golden).groups());
                    t.addWith(
                            List.of("inputs.safetensors", "expected_grads.safetensors"),
                            "loss and gradients",
                            () -> new Case(golden).gradients());
                    t.addWith(
                            List.of("inputs.safetensors", "expected_params_after3.safetensors"),
                            "optimizer steps",
                            () -> new Case(golden).steps());
                }));
    }

    /**
     * The true gradient of a key's bias is 0, so that what the reference has is noise, and its updates are arbitrary.
     */
    static boolean isNoise(String name) {
        return name.startsWith("Qformer.") && name.endsWith(".key.bias");
    }

    private static final class Case {

        private final Golden golden;
        private final JsonNode expected;
        private final JsonNode run;
        private final Blip2Opt model;
        private final Map<String, Tensor> inputs;

        Case(Golden golden) {
            this.golden = golden;
            expected = golden.json("expected.json");
            run = expected.get("run_cfg");
            model = Blip2Case.model(golden, expected.get("config").get("prompt").asText());
            inputs = golden.tensors("inputs.safetensors");
        }

        private Tensor loss(int batch) {
            List<String> texts = Blip2Case.strings(expected.get("text_input").get(batch));
            return model.forward(Golden.get(inputs, "image_" + batch), Texts.of(texts))
                    .total();
        }

        private List<ParameterGroup> parameterGroups() {
            return ParameterGroup.of(
                    model,
                    model.visualEncoder(),
                    run.get("weight_decay").asDouble(),
                    run.get("lr_layer_decay").asDouble());
        }

        void groups() {
            GroupsParity.assertEqual(parameterGroups(), expected.get("param_groups"));
        }

        void gradients() {
            var loss = loss(0);
            assertLoss("batch 0", loss, expected.get("loss_batch0"));
            model.backward(loss);
            var gradients = golden.tensors("expected_grads.safetensors");
            assertThat(gradients.keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            model.trainableParameters().keySet());
            gradients.keySet().removeIf(Blip2OptTrainingParityTest::isNoise);
            Golden.assertGradients(model.namedParameters(), gradients, 1e-4, 0);
        }

        void steps() {
            var schedule = new LrSchedule(
                    ScheduleType.LINEAR_WARMUP_COSINE,
                    run.get("max_epoch").asInt(),
                    run.get("init_lr").asDouble(),
                    run.get("min_lr").asDouble(),
                    run.get("warmup_lr").asDouble(),
                    run.get("warmup_steps").asLong(),
                    1);
            try (var optimizer = new AdamW(
                    parameterGroups(),
                    run.get("init_lr").asDouble(),
                    run.get("beta2").asDouble())) {
                int done = 0;
                for (var step : expected.get("steps")) {
                    try (var scope = new PointerScope()) {
                        double lr = schedule.lr(
                                step.get("cur_epoch").asInt(),
                                step.get("cur_step").asLong());
                        double expectedLr = step.get("lr").asDouble();
                        assertThat(lr).isCloseTo(expectedLr, Offset.offset(1e-15 * expectedLr));
                        optimizer.lr(lr);
                        var loss = loss(step.get("batch").asInt());
                        assertLoss("step " + done, loss, step.get("loss_before_step"));
                        model.backward(loss);
                        optimizer.step();
                        optimizer.zeroGrad();
                        if (++done == 3) {
                            assertParameters();
                        }
                    }
                }
                assertLoss("after the last step", loss(0), expected.get("loss_batch0_after5"));
            }
        }

        private void assertParameters() {
            var parameters = golden.tensors("expected_params_after3.safetensors");
            parameters.forEach((name, value) -> {
                if (!isNoise(name)) {
                    Golden.assertClose(name, Golden.get(model.namedParameters(), name), value, 5e-5, 0);
                }
            });
        }

        private static void assertLoss(String what, Tensor loss, JsonNode expectedLoss) {
            double value = expectedLoss.asDouble();
            assertThat(loss.item_double()).as(what).isCloseTo(value, Offset.offset(1e-5 * value));
        }
    }
}
