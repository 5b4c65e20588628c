package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.distributed.Gather;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three AdamW steps of the families beside OPT's, whose cases {@code training_cases.py} made of those that hold
 * weights, images and texts.
 */
class TrainingStepsParityTest {

    private static final Path CASES = Path.of("src/test/resources/golden");
    private static final double LOSS_RTOL = 1e-5;

    /** A model with the weights of a case, and its losses for texts. */
    private record Learner(TrainableModel model, Function<Texts, Losses> losses) {

        static Learner of(String name, Golden golden, Tensor image) {
            return switch (name) {
                case "d_blip2_t5" ->
                    plain(Blip2Case.t5Model(golden, Blip2Case.t5Config(golden.json("expected.json"))), image);
                case "d_blip2_t5_instruct" ->
                    plain(
                            Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(golden.json("expected.json"))),
                            image);
                case "d_blip2_vicuna_instruct" ->
                    plain(Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(golden.json("expected.json"))), image);
                case "e_blip2_qformer_stage1" -> stage1(golden, image);
                default -> throw new AssertionError("unknown case " + name);
            };
        }

        private static Learner plain(TrainableModel model, Tensor image) {
            return new Learner(model, texts -> model.forward(image, texts));
        }

        /** The image and the text that do not belong to b are number (b + 1) mod B. */
        private static Learner stage1(Golden golden, Tensor image) {
            var json = golden.json("expected.json");
            ((ObjectNode) json.get("config")).put("freeze_vit", false);
            int embedDim = json.get("config").get("embed_dim").asInt();
            var model = new Blip2Qformer(
                    new Blip2QformerConfig(Blip2Case.blip2(json), embedDim, Precision.FP32),
                    Tokenizer.qformer(CASES.resolve("j_tokenizers/bert")),
                    golden.device());
            model.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
            model.eval();
            int length = model.config().blip2().maxTxtLen();
            return new Learner(model, texts -> {
                var tokens = model.encode(texts.input(), length, new Padding.ToLength(length));
                long B = image.size(0);
                long[] next = LongStream.range(0, B).map(b -> (b + 1) % B).toArray();
                return new Stage1Loss(model, weights -> Tensors.of(next, image.device()), Gather.alone())
                        .of(image, tokens, texts.imageIds());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"d_blip2_t5", "d_blip2_t5_instruct", "d_blip2_vicuna_instruct", "e_blip2_qformer_stage1"})
    void lossesGradientsAndParametersEqualTheReference(String name) {
        TestDevice.assumeAvailable();
        var folders = GoldenCases.in(CASES, name + "_train");
        try (var scope = new PointerScope()) {
            var steps = Golden.at(folders.get(0));
            var golden = Golden.at(GoldenCases.in(CASES, name).get(0));
            var expected = steps.json("expected.json");
            assertThat(expected.get("case").asText()).isEqualTo(name);
            var image = Golden.get(golden.tensors("inputs.safetensors"), "image");
            var learner = Learner.of(name, golden, image);
            train(learner, golden, expected);
            assertParameters(learner, steps.tensors("expected_params_after3.safetensors"));
            var after = learner.losses().apply(texts(golden, 0)).total();
            assertLoss("loss after the steps", after, expected.get("loss_batch0_after3"));
            learner.model().close();
        }
    }

    private static void train(Learner learner, Golden golden, JsonNode expected) {
        var model = learner.model();
        var run = expected.get("run_cfg");
        var groups = ParameterGroup.of(
                model.module(),
                model.visualEncoder(),
                run.get("weight_decay").asDouble(),
                run.get("lr_layer_decay").asDouble());
        var schedule = new LrSchedule(
                ScheduleType.LINEAR_WARMUP_COSINE,
                run.get("max_epoch").asInt(),
                run.get("init_lr").asDouble(),
                run.get("min_lr").asDouble(),
                run.get("warmup_lr").asDouble(),
                run.get("warmup_steps").asLong(),
                1);
        try (var optimizer = new AdamW(
                groups, run.get("init_lr").asDouble(), run.get("beta2").asDouble())) {
            for (var step : expected.get("steps")) {
                int number = step.get("cur_step").asInt();
                double lr = schedule.lr(step.get("cur_epoch").asInt(), number);
                assertThat(lr).isCloseTo(step.get("lr").asDouble(), Offset.offset(1e-15));
                optimizer.lr(lr);
                var losses =
                        learner.losses().apply(texts(golden, step.get("batch").asInt()));
                assertLoss("loss of step " + number, losses.total(), step.get("loss"));
                losses.parts().forEach((part, loss) -> assertLoss(part + " of step " + number, loss, step.get(part)));
                model.backward(losses.total());
                if (number == 0) {
                    assertGradients(model.module().namedParameters(), golden);
                }
                optimizer.step();
                optimizer.zeroGrad();
            }
        }
    }

    /** Text i + batch beside image i. */
    private static Texts texts(Golden golden, int batch) {
        var expected = golden.json("expected.json");
        var forward = expected.get("forward").get(0);
        var input = forward.has("text_input") ? forward.get("text_input") : expected.get("texts");
        var output = forward.has("text_output") ? Blip2Case.strings(forward.get("text_output")) : List.<String>of();
        return new Texts(turned(Blip2Case.strings(input), batch), turned(output, batch), new long[0], new double[0]);
    }

    private static List<String> turned(List<String> texts, int by) {
        Collections.rotate(texts, -by);
        return texts;
    }

    private static void assertGradients(Map<String, Tensor> parameters, Golden golden) {
        var gradients = golden.tensors("expected_grads.safetensors");
        gradients.keySet().removeIf(TrainingStepsParityTest::isNoise);
        Golden.assertGradients(parameters, gradients, 1e-4, 2e-7);
    }

    private static void assertParameters(Learner learner, Map<String, Tensor> expected) {
        var module = learner.model().module();
        assertThat(expected.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        module.trainableParameters().keySet());
        expected.forEach((parameter, value) -> {
            if (!isNoise(parameter)) {
                Golden.assertClose(parameter, Golden.get(module.namedParameters(), parameter), value, 5e-5, 0);
            }
        });
    }

    /** A key's bias has a true gradient of 0: the reference's is noise, and so is what AdamW makes of it. */
    static boolean isNoise(String name) {
        return name.startsWith("Qformer.") && name.endsWith(".key.bias");
    }

    private static void assertLoss(String what, Tensor loss, JsonNode expected) {
        double value = expected.asDouble();
        assertThat(loss.item_double()).as(what).isCloseTo(value, Offset.offset(LOSS_RTOL * value));
    }
}
